//! The session's reference data as the validation of `shared` asks for it.

use super::session::Session;
use shared::kernel::validate::Lookup;

pub struct SessionLookup<'a>(pub &'a Session);

impl Lookup for SessionLookup<'_> {
    fn unit_exists(&self, code: &str) -> bool {
        self.0.unit(code).is_some_and(|unit| unit.active)
    }
    fn in_code_list(&self, list: &str, code: &str) -> bool {
        self.0.list(list).iter().any(|choice| choice.code == code)
    }
}
