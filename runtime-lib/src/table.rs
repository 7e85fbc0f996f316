//! Tables that grow.
#![allow(unsafe_code)]
