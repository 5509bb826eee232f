//! People of one's own unit, with what each has open.

use super::control::ControlProps;
use crate::kernel::{api::Listing, hooks::use_query, i18n::use_lang};
use shared::kernel::{
    api::UserView,
    field::Choice,
    messages as m,
    text::{Lang, t},
};
use yew::prelude::*;

#[component]
pub(super) fn OwnUserInput(props: &ControlProps) -> Html {
    let lang = use_lang();
    let users = use_query::<Listing<UserView>>(Some("/users?unit=own&limit=200".into()));
    let choices: Vec<Choice> = match users.ready().map(|users| (**users).clone().into_items()) {
        Some(users) => {
            let active = users.into_iter().filter(|user| user.active);
            active
                .map(|user| {
                    let load = user.open_matters.to_string();
                    let label = |lang| format!("{} · {}", user.name, m::N_OPEN.fill(lang, &[&load]));
                    Choice { code: user.id.to_string(), label: t(&label(Lang::Zh), &label(Lang::En)) }
                })
                .collect()
        }
        None => Vec::new(),
    };
    props.control.select(&choices, lang)
}
