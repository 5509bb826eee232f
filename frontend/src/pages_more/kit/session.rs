//! Who is signed in, and the units of the jurisdiction as one shared list.

use crate::kernel::session::use_session;
use shared::kernel::{
    api::{Me, UnitBrief, UnitView},
    role::Permission,
    text::Lang,
};
use std::rc::Rc;
use yew::prelude::*;

#[hook]
pub fn use_me() -> Option<Rc<Me>> {
    use_session().map(|session| session.me)
}

/// Whether the person's roles allow something. The server decides; this only spares a useless button.
pub fn may(me: Option<&Me>, permission: Permission) -> bool {
    me.is_some_and(|me| me.permissions.contains(&permission))
}

/// All units, the inactive ones included.
#[hook]
pub fn use_units() -> Rc<Vec<UnitView>> {
    let reference = use_session().map(|session| session.reference);
    let known = reference.as_ref().map(|reference| Rc::as_ptr(reference) as usize);
    use_memo(known, |_| reference.map(|reference| reference.units.clone()).unwrap_or_default())
}

/// Short name of a unit.
pub fn brief_name(unit: &UnitBrief, lang: Lang) -> String {
    crate::kernel::session::unit_words(unit, lang).to_owned()
}
