//! The product around the kernel: command line, demonstration city, the server with the client embedded.

pub mod command;
pub mod config_file;
pub mod contract;
pub mod demo;
pub mod docs;
pub mod import;
pub mod logging;
pub mod server;
