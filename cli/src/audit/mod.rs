//! What an executable says of how it was made, and which advisories are about that.

mod advisory;
mod list;
mod made;
mod report;
mod whole;

pub use made::describe_options;

pub(crate) use list::Advisories;
pub(crate) use made::{Made, Unreadable};
pub(crate) use report::Report;
