//! The button that exports a list: the work goes on at the server, its progress stands in the button's place, and the file is saved when
//! it is done. Who leaves meanwhile finds it among the exports of the day.

use crate::{
    kernel::{
        api::{self, Answer},
        i18n::use_lang,
        toast::use_toasts,
        values::thousands,
    },
    ui::Button,
};
use gloo::timers::future::TimeoutFuture;
use serde_json::json;
use shared::kernel::{
    api::{ExportView, Progress},
    messages as m,
    problem::Code,
    text::Lang,
};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// The name under which an export is saved.
pub const FILE_NAME: &str = "matters.xlsx";

/// How far it is, in words.
pub fn progress_words(progress: Progress, lang: Lang) -> String {
    if progress.total == 0 {
        return m::EXPORT_BEGUN.in_lang(lang).to_owned();
    }
    m::EXPORT_RUNNING.fill(lang, &[&thousands(progress.done), &thousands(progress.total)])
}

/// Why it failed, in words.
pub fn failure_words(problem: Option<&str>, lang: Lang) -> &'static str {
    problem.and_then(Code::parse).map_or(m::EXPORT_INTERRUPTED, Code::message).in_lang(lang)
}

#[derive(Clone, PartialEq)]
enum Standing {
    Idle,
    Running(Progress),
    Failed(String),
}

/// How an export ended for the page that began it.
enum End {
    Saved,
    Failed(Option<String>),
    /// The page was left.
    Left,
}

/// `show` is told how far it is, and says whether the page is still there.
async fn export(query: &str, show: impl Fn(Progress) -> bool) -> Answer<End> {
    let mut seen: ExportView = api::post("/exports", &json!({ "query": query })).await?;
    let path = format!("/exports/{}", seen.id);
    // A short list is there at once; a long one is not asked for more often than it tells.
    let mut pause = 150;
    loop {
        if !show(seen.progress) {
            return Ok(End::Left);
        }
        match seen.state.as_str() {
            "done" => return api::download(&format!("{path}/file"), FILE_NAME).await.map(|()| End::Saved),
            "failed" => return Ok(End::Failed(seen.problem)),
            _ => TimeoutFuture::new(pause).await,
        }
        pause = (pause * 2).min(1000);
        match api::get(&path).await {
            Ok(view) => seen = view,
            // The server goes on; so does the asking.
            Err(error) if error.is_offline() => {}
            Err(error) => return Err(error),
        }
    }
}

/// What a page shows of an export.
pub struct Exporting {
    pub button: Html,
    pub trouble: Html,
}

/// Exports what `query` asks for, as the address has it.
#[hook]
pub fn use_export(query: String) -> Exporting {
    let lang = use_lang();
    let toasts = use_toasts();
    let standing = use_state_eq(|| Standing::Idle);
    // Not state: the page may be gone, and a second click come before the next render.
    let here = use_memo((), |()| Cell::new(true));
    let running = use_memo((), |()| Cell::new(false));
    use_effect_with((), {
        let (here, running, toasts) = (here.clone(), running.clone(), toasts.clone());
        move |()| {
            move || {
                here.set(false);
                if running.get() {
                    toasts.done(m::EXPORT_GOES_ON.in_lang(lang));
                }
            }
        }
    });
    let onclick = {
        let standing = standing.clone();
        Callback::from(move |_: MouseEvent| {
            if running.replace(true) {
                return;
            }
            let (standing, here, running, toasts) = (standing.clone(), Rc::clone(&here), Rc::clone(&running), toasts.clone());
            let query = query.trim_start_matches('?').to_owned();
            spawn_local(async move {
                let show = |progress| {
                    if here.get() {
                        standing.set(Standing::Running(progress));
                    }
                    here.get()
                };
                show(Progress::default());
                let end = export(&query, show).await;
                running.set(false);
                if here.get() {
                    standing.set(match end {
                        Ok(End::Saved) => {
                            toasts.done(m::EXPORTED.in_lang(lang));
                            Standing::Idle
                        }
                        Ok(End::Left) => Standing::Idle,
                        Ok(End::Failed(problem)) => Standing::Failed(failure_words(problem.as_deref(), lang).to_owned()),
                        Err(error) => Standing::Failed(error.words(lang)),
                    });
                }
            });
        })
    };
    let (busy, words, trouble) = match &*standing {
        Standing::Idle => (false, m::EXPORT.in_lang(lang).to_owned(), ""),
        Standing::Running(progress) => (true, progress_words(*progress, lang), ""),
        Standing::Failed(words) => (false, m::EXPORT.in_lang(lang).to_owned(), words.as_str()),
    };
    Exporting {
        button: html! {
            <>
                <Button {onclick} {busy}>{ words }</Button>
                // Said once: numbers read out each second would be in the way.
                <span class="spoken" role="status">{ if busy { m::EXPORT_BEGUN.in_lang(lang) } else { "" } }</span>
            </>
        },
        trouble: html! { <p class="error" role="alert">{ trouble }</p> },
    }
}
