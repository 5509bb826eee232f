//! The pages of every matter: sign-in, home, inbox, list, detail, edit.

pub mod components;
pub mod detail;
pub mod edit;
pub mod exporting;
pub mod home;
pub mod inbox;
pub mod list;
pub mod login;
pub mod not_found;
pub mod second_factor;
