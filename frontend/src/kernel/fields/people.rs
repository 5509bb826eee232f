//! People of one's own unit, with their roles.

use super::control::ControlProps;
use crate::kernel::{api::Listing, hooks::use_query, i18n::use_lang};
use shared::kernel::{
    api::UserView,
    field::Choice,
    messages_more::LIST_COMMA,
    text::{Lang, t},
    workflow::role_name,
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
                    let roles = |lang| {
                        user.roles.iter().map(|role| role_name(*role).in_lang(lang).to_owned()).collect::<Vec<_>>().join(LIST_COMMA.in_lang(lang))
                    };
                    let label = |lang| format!("{} · {}", user.name, roles(lang));
                    Choice { code: user.id.to_string(), label: t(&label(Lang::Zh), &label(Lang::En)) }
                })
                .collect()
        }
        None => Vec::new(),
    };
    props.control.select(&choices, lang)
}
