//! Tests of nativize through linked executables.
