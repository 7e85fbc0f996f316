//! The shape of executables, as another reader sees it.
