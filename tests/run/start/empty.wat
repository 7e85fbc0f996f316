;; Nothing is imported, no memory: exits with 0.
(module (func (export "_start")))
