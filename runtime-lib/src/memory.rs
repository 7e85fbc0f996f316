//! Linear memories: reservation at start, growth.
#![allow(unsafe_code)]
