//! How a person wants the list: its columns, and filters kept under a name.

use super::address;
use crate::{
    kernel::{
        api,
        hooks::{use_mutation, use_query},
        i18n::use_lang,
        query::Query,
        router::use_go,
    },
    ui::{Button, Popover, target_value},
};
use shared::kernel::{
    api::{SavedView, SavedViewInput},
    field::Field,
    messages as m,
};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct ColumnChoiceProps {
    pub fields: Vec<Field>,
    pub hidden: Vec<String>,
    pub set: Callback<Vec<String>>,
}

#[component]
pub fn ColumnChoice(props: &ColumnChoiceProps) -> Html {
    let lang = use_lang();
    html! {
        <span class="hide-s" hidden={props.fields.is_empty()}>
            <Popover id="column-choice" class="chip" label={m::COLUMNS.in_lang(lang)}>{ for props.fields.iter().map(|field| {
                let (name, hidden, set) = (field.name.clone(), props.hidden.clone(), props.set.clone());
                let on = !hidden.contains(&name);
                let onchange = Callback::from(move |_: Event| {
                    let mut names: Vec<String> = hidden.iter().filter(|other| **other != name).cloned().collect();
                    if on { names.push(name.clone()); }
                    set.emit(names);
                });
                html! { <label key={field.name.clone()} class="check"><input type="checkbox" checked={on} {onchange} />{ field.label.in_lang(lang).to_owned() }</label> }
            }) }</Popover>
        </span>
    }
}

#[derive(Properties, PartialEq)]
pub struct SavedViewsProps {
    pub kind: String,
    /// As the server reads it.
    pub query: Query,
}

/// Filters with a name. Kept on the server, so that they follow the person.
#[component]
pub fn SavedViews(props: &SavedViewsProps) -> Html {
    let (lang, go) = (use_lang(), use_go());
    let views = use_query::<api::Listing<SavedView>>(Some("/saved-views".into()));
    let name = use_state(String::new);
    let keep = {
        let (reload, name) = (views.reload.clone(), name.clone());
        use_mutation(
            |view: SavedViewInput| async move { api::post::<_, serde_json::Value>("/saved-views", &view).await },
            Callback::from(move |_| {
                name.set(String::new());
                reload.emit(());
            }),
        )
    };
    let drop_view = {
        let reload = views.reload.clone();
        use_mutation(|id: String| async move { api::delete(&format!("/saved-views/{id}")).await }, Callback::from(move |()| reload.emit(())))
    };
    let here = props.query.to_string();
    let known: Vec<SavedView> = views
        .ready()
        .map(|views| (**views).clone().into_items())
        .unwrap_or_default()
        .into_iter()
        .filter(|view| Query::parse(&view.query).get("kind") == Some(props.kind.as_str()))
        .collect();
    let oninput = {
        let name = name.clone();
        Callback::from(move |event: InputEvent| name.set(target_value(&event)))
    };
    let onkeep = {
        let (run, name, here) = (keep.run.clone(), name.clone(), here.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !name.trim().is_empty() {
                run.emit(SavedViewInput { name: name.trim().to_owned(), query: here.clone() });
            }
        })
    };
    html! {
        <span>
            <Popover id="saved-views" class="chip" label={m::SAVED_VIEWS.in_lang(lang)}>
                { for known.iter().map(|view| {
                    let (go, to, run, id) = (go.clone(), address(&props.kind, &Query::parse(&view.query)), drop_view.run.clone(), view.id.clone());
                    html! {
                        <div key={view.id.clone()} class="row-actions">
                            <button type="button" class="linklike closes" aria-current={(view.query == here).then_some("true")} onclick={Callback::from(move |_: MouseEvent| go.to(&to))}>{ &view.name }</button>
                            <span class="grow"></span>
                            <button type="button" class="linklike" aria-label={m::REMOVE_X.fill(lang, &[&view.name])} onclick={Callback::from(move |_: MouseEvent| run.emit(id.clone()))}>{ "×" }</button>
                        </div>
                    }
                }) }
                <form key="keep" class="stack" onsubmit={onkeep}>
                    <input class="input" maxlength="30" value={(*name).clone()} {oninput} placeholder={m::VIEW_NAME.in_lang(lang)} aria-label={m::VIEW_NAME.in_lang(lang)} />
                    <Button submit=true busy={keep.busy} disabled={name.trim().is_empty()}>{ m::KEEP_VIEW.in_lang(lang) }</Button>
                    <span class="error" role="alert">{ keep.error.as_ref().or(drop_view.error.as_ref()).map(|error| error.words(lang)).unwrap_or_default() }</span>
                </form>
            </Popover>
        </span>
    }
}
