(module (func (export "some")))
