//! The tests that need code: one binary, a module for each topic.

mod config;
mod guard;
mod mail;
mod peers;
mod tls;
mod webhook;
