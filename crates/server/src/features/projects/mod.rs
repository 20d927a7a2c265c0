//! Projects: one contract between provider and customer, the scope of everything.

pub mod rows;
