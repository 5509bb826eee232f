//! Handing over a spreadsheet: dropped or chosen, refused at once when it is no spreadsheet, and said to be on its way while it is.

use super::tr;
use crate::kernel::values::size;
use shared::kernel::{messages_more as M, text::Lang};
use web_sys::{File, HtmlInputElement};
use yew::prelude::*;

/// Endings the server can read.
const READABLE: &[&str] = &[".xlsx", ".xls", ".ods"];

fn readable(name: &str) -> bool {
    let name = name.to_lowercase();
    READABLE.iter().any(|ending| name.ends_with(ending))
}

#[derive(Properties, PartialEq)]
pub struct SheetDropProps {
    pub lang: Lang,
    /// It is being sent and read. `fetch` tells no progress, so the bar only says that it goes on.
    pub busy: bool,
    /// What the sheet may hold.
    pub limits: AttrValue,
    pub on_file: Callback<File>,
}

#[derive(Clone, PartialEq)]
struct Chosen {
    name: String,
    size: String,
    readable: bool,
}

#[component]
pub fn SheetDrop(props: &SheetDropProps) -> Html {
    let lang = props.lang;
    let t = tr(lang);
    let chosen = use_state(|| None::<Chosen>);
    let over = use_state_eq(|| false);
    let onchange = {
        let (chosen, over, on_file) = (chosen.clone(), over.clone(), props.on_file.clone());
        Callback::from(move |event: Event| {
            over.set(false);
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            // The same file may be chosen again after it was mended.
            input.set_value("");
            let fits = readable(&file.name());
            chosen.set(Some(Chosen { name: file.name(), size: size(file.size()), readable: fits }));
            if fits {
                on_file.emit(file);
            }
        })
    };
    let hover = |on: bool| {
        let over = over.clone();
        Callback::from(move |_: DragEvent| over.set(on))
    };
    let status = match &*chosen {
        Some(file) if !file.readable => M::IMPORT_WRONG_ENDING.fill(lang, &[&file.name]),
        Some(file) if props.busy => M::IMPORT_READING.fill(lang, &[&file.name, &file.size]),
        _ => String::new(),
    };
    html! {
        <div class="m-sheet" aria-busy={props.busy.then_some("true")}>
            // The file field lies over all of it: the browser itself takes what is dropped.
            <label class={classes!("m-drop", over.then_some("over"))} ondragenter={hover(true)} ondragleave={hover(false)}>
                <strong>{ t(M::IMPORT_DROP) }</strong>
                <span class={if props.busy { "btn" } else { "btn primary" }} aria-hidden="true">{ t(M::IMPORT_CHOOSE) }</span>
                <input class="m-file" type="file" accept=".xlsx,.xls,.ods" aria-label={t(M::IMPORT_CHOOSE)} disabled={props.busy} {onchange} />
                <small class="sub">{ &props.limits }</small>
            </label>
            <div class="m-progress" hidden={!props.busy}><progress aria-label={t(M::IMPORT_PROGRESS)}></progress></div>
            <p class="sub" role="status">{ status }</p>
        </div>
    }
}
