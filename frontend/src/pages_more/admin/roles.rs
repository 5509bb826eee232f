//! Choosing roles, with the separation of three explained while one chooses.

use super::super::kit::tr;
use shared::kernel::{
    messages_more as M,
    role::{Role, RoleConflict, role_conflict},
    text::{Lang, Message},
    workflow::role_name,
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct RolePickerProps {
    pub roles: Vec<Role>,
    /// Kind of the person's unit; roles that don't exist there stay grey.
    pub unit_kind: AttrValue,
    pub lang: Lang,
    /// Why the roles can't be changed here; empty: they can.
    #[prop_or_default]
    pub locked: AttrValue,
    pub on_change: Callback<Vec<Role>>,
}

/// Why a set of roles can't be held by one person, in words.
pub fn conflict_words(roles: &[Role], unit_kind: &str, lang: Lang) -> Option<String> {
    let conflict = role_conflict(roles, unit_kind)?;
    Some(match conflict {
        // Not known yet where the person works.
        RoleConflict::UnitKind(_) if unit_kind.is_empty() => return None,
        RoleConflict::TwoAdministrations => M::CONFLICT_TWO.in_lang(lang).to_owned(),
        RoleConflict::AdministrationWithBusiness => M::CONFLICT_BUSINESS.in_lang(lang).to_owned(),
        RoleConflict::UnitKind(role) => M::CONFLICT_UNIT.fill(lang, &[role_name(role).in_lang(lang)]),
    })
}

#[component]
pub fn RolePicker(props: &RolePickerProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let locked = !props.locked.is_empty();
    let group = |heading: Message, administration: bool| html! {
        <div key={heading.en}>
            <p class="label">{ t(heading) }</p>
            <div class="checks">{ for Role::ALL.iter().filter(|role| role.is_administration() == administration).map(|role| {
                let role = *role;
                let exists = props.unit_kind.is_empty() || role.unit_kinds().is_none_or(|kinds| kinds.contains(&props.unit_kind.as_str()));
                let checked = props.roles.contains(&role);
                let (roles, on_change) = (props.roles.clone(), props.on_change.clone());
                let onchange = Callback::from(move |event: Event| {
                    let on = event.target_dyn_into::<HtmlInputElement>().is_some_and(|input| input.checked());
                    let others = roles.iter().copied().filter(|other| *other != role);
                    on_change.emit(others.chain(on.then_some(role)).collect());
                });
                let why = if exists { String::new() } else { t(M::ROLE_NOT_IN_UNIT).to_owned() };
                html! {
                    <label key={role.code()} class="check" title={why}>
                        <input type="checkbox" {checked} disabled={locked || (!exists && !checked)} {onchange} />{ role_name(role).in_lang(lang) }
                    </label>
                }
            }) }</div>
        </div>
    };
    let conflict = conflict_words(&props.roles, &props.unit_kind, lang).unwrap_or_default();
    html! {
        <fieldset class="m-radio">
            <legend class="label">{ t(M::ROLES) }</legend>
            { group(M::ROLES_BUSINESS, false) }
            { group(M::ROLES_ADMINISTRATION, true) }
            <p class="sub">{ t(M::SEPARATION) }</p>
            <p class="sub">{ &props.locked }</p>
            <p class="error" role="alert">{ conflict }</p>
        </fieldset>
    }
}
