//! session

pub mod config;
