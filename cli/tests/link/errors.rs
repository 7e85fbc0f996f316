//! What the linker refuses, and with which words.
