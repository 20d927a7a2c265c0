//! What a hostile or broken client sends: answered with a problem that names the field, never with
//! a failure of ours.

mod parsers;
mod shapes;
mod sweep;
mod texts;
