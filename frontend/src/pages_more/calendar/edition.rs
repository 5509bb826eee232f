//! A new edition under review: what would move, put in force, taken back. And the way to it by its file.

use crate::{
    kernel::api,
    pages_more::kit::{A, Fault, Task, brief_name, count_words, labelled, tr, use_task},
};
use serde_json::{Value, json};
use shared::kernel::{
    api::{DueMove, EditionPreview},
    messages_more as M,
    text::Lang,
};
use std::{collections::BTreeMap, rc::Rc};
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::{platform::spawn_local, prelude::*};

/// A new edition from when it is sent in.
#[derive(Clone)]
pub struct Review {
    pub task: Task,
    preview: UseStateHandle<Option<Rc<EditionPreview>>>,
    reload: Callback<()>,
}

/// `reload` is told when the calendar in force is another one.
#[hook]
pub fn use_review(reload: Callback<()>) -> Review {
    let (task, preview) = (use_task(), use_state(|| None::<Rc<EditionPreview>>));
    Review { task, preview, reload }
}

impl Review {
    /// Sends what is typed; the answer is what would move.
    pub fn send<B: serde::Serialize + 'static>(&self, path: &'static str, body: B) {
        let preview = self.preview.clone();
        self.task.run(async move {
            preview.set(Some(Rc::new(api::post::<_, EditionPreview>(path, &body).await?)));
            Ok(())
        });
    }

    fn change(&self, what: &'static str, then: Callback<()>) -> Callback<MouseEvent> {
        let review = self.clone();
        Callback::from(move |_: MouseEvent| {
            let Some(id) = review.preview.as_ref().map(|preview| preview.id.clone()) else { return };
            let (preview, reload, then) = (review.preview.clone(), review.reload.clone(), then.clone());
            review.task.run(async move {
                let seen: EditionPreview = api::post(&format!("/calendars/editions/{id}/{what}"), &json!({})).await?;
                preview.set(Some(Rc::new(seen)));
                reload.emit(());
                then.emit(());
                Ok(())
            });
        })
    }

    /// What moves, and the buttons that decide. `applied` is told when it is in force.
    pub fn view(&self, lang: Lang, applied: Callback<()>) -> Html {
        let t = tr(lang);
        let state = self.preview.as_ref().map(|preview| preview.state.clone()).unwrap_or_default();
        let outcome = match &*self.preview {
            None => html! { <div key="none"></div> },
            Some(preview) => html! { <div key="moves">{ moves(preview, lang) }</div> },
        };
        html! {
            <>
                <Fault fault={self.task.fault.clone()} {lang} />
                <div aria-live="polite">{ outcome }</div>
                <div class="row-actions m-end">
                    <button class="btn primary" type="button" hidden={state != "previewed"} disabled={self.task.busy} onclick={self.change("apply", applied)}>{ t(M::APPLY_EDITION) }</button>
                    <button class="btn" type="button" hidden={state != "applied"} disabled={self.task.busy} onclick={self.change("undo", Callback::noop())}>{ t(M::UNDO_EDITION) }</button>
                </div>
            </>
        }
    }
}

#[derive(Properties, PartialEq)]
pub struct EditionFileProps {
    pub lang: Lang,
    pub reload: Callback<()>,
}

/// The whole of an edition, pasted or chosen.
#[component]
pub fn EditionFile(props: &EditionFileProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let text = use_state(String::new);
    let unreadable = use_state(|| false);
    let review = use_review(props.reload.clone());
    let on_text = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(area) = event.target_dyn_into::<HtmlTextAreaElement>() {
                text.set(area.value());
            }
        })
    };
    let on_file = {
        let text = text.clone();
        Callback::from(move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            input.set_value("");
            let text = text.clone();
            spawn_local(async move {
                if let Ok(content) = wasm_bindgen_futures::JsFuture::from(file.text()).await {
                    text.set(content.as_string().unwrap_or_default());
                }
            });
        })
    };
    let onsubmit = {
        let (review, text, unreadable) = (review.clone(), text.clone(), unreadable.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let edition = serde_json::from_str::<Value>(&text).ok();
            unreadable.set(edition.is_none());
            edition.into_iter().for_each(|edition| review.send("/calendars/editions", edition));
        })
    };
    html! {
        <section class="card">
            <header><h2>{ t(M::CALENDAR_FILE) }</h2></header>
            <div class="pad">
                <form {onsubmit}>
                    <p class="sub">{ t(M::EDITION_FILE_NOTE) }</p>
                    { labelled(t(M::EDITION_JSON), if *unreadable { t(M::EDITION_UNREADABLE) } else { "" }, html! {
                        <textarea class="input m-mono" rows="10" required=true spellcheck="false" aria-invalid={unreadable.to_string()} value={(*text).clone()} oninput={on_text} />
                    }) }
                    <div class="row-actions">
                        <label class="btn m-btn-link">{ t(M::CHOOSE_FILE) }<input class="m-hidden-file" type="file" accept=".json,application/json" onchange={on_file} /></label>
                        <button class="btn primary" type="submit" disabled={review.task.busy}>{ t(M::SEE_WHAT_MOVES) }</button>
                    </div>
                </form>
                { review.view(lang, Callback::noop()) }
            </div>
        </section>
    }
}

fn moves(preview: &EditionPreview, lang: Lang) -> Html {
    let t = tr(lang);
    let state = match preview.state.as_str() {
        "applied" => M::EDITION_APPLIED,
        "undone" => M::EDITION_UNDONE,
        _ => M::EDITION_PREVIEWED,
    };
    let mut by_holder: BTreeMap<String, Vec<&DueMove>> = BTreeMap::new();
    for moved in &preview.moves {
        let holder = moved.holder.as_ref().map_or_else(|| t(M::NO_HOLDER).to_owned(), |unit| brief_name(unit, lang));
        by_holder.entry(holder).or_default().push(moved);
    }
    let total = i64::try_from(preview.moves.len()).unwrap_or(i64::MAX);
    html! {
        <>
            <p><strong>{ M::EDITION_STATE.fill(lang, &[&preview.edition, t(state)]) }</strong>{ " " }{ if total == 0 { t(M::NOTHING_MOVES).to_owned() } else { count_words(M::N_MOVE, lang, total) } }</p>
            <div>{ for by_holder.iter().map(|(holder, moves)| html! {
                <details key={holder.clone()} open={true}>
                    <summary>{ M::HOLDER_MOVES.fill(lang, &[holder, &moves.len().to_string()]) }</summary>
                    <table class="m-cards">
                        <thead><tr><th>{ t(M::MATTER) }</th><th>{ t(M::LIMIT) }</th><th>{ t(M::OLD_DUE) }</th><th>{ t(M::NEW_DUE) }</th></tr></thead>
                        <tbody>{ for moves.iter().map(|moved| html! {
                            <tr key={format!("{}{}", moved.matter, moved.rule.en)}>
                                <td class="title" data-label={t(M::MATTER)}><A href={format!("/matters/{}", moved.matter)}>{ moved.number.clone().unwrap_or_default() }{ " " }{ &moved.title }</A></td>
                                <td data-label={t(M::LIMIT)}>{ moved.rule.in_lang(lang) }</td>
                                <td class="num" data-label={t(M::OLD_DUE)}>{ moved.old_due.to_string() }</td>
                                <td class="num" data-label={t(M::NEW_DUE)}>{ moved.new_due.to_string() }{ " " }<small class="sub">{ shift(moved, lang) }</small></td>
                            </tr>
                        }) }</tbody>
                    </table>
                </details>
            }) }</div>
        </>
    }
}

fn shift(moved: &DueMove, lang: Lang) -> String {
    match (moved.new_due - moved.old_due).num_days() {
        0 => String::new(),
        days if days > 0 => count_words(M::DAYS_LATER, lang, days),
        days => count_words(M::DAYS_EARLIER, lang, -days),
    }
}
