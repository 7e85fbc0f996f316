//! The same inputs through lld.
