//! The Anlan application: platform and features.
