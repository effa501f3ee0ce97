//! Twins of scalar code for WebAssembly's 128-bit vectors. Each gives the same bits as its scalar twin.

pub mod compare;
pub mod lanes;
pub mod outline;
pub mod pair;
