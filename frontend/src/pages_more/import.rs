//! 导入: hand over a spreadsheet. Nothing is written here; the next page shows how it was read.

use super::kit::{A, Empty, Fault, Head, Lamp, Tone, count_words, encode, listed, minute, tr, use_go, use_kind, use_lang, use_pages, use_task, use_title, use_url};
use crate::kernel::api;
use shared::kernel::{api::ImportView, messages_more as M};
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Endings the server can read.
const READABLE: &[&str] = &[".xlsx", ".xls", ".ods"];

fn readable(name: &str) -> bool {
    let name = name.to_lowercase();
    READABLE.iter().any(|ending| name.ends_with(ending))
}

/// The kind an import is for; work items unless the address says otherwise.
pub fn kind_or_default(kind: &str) -> String {
    if kind.is_empty() { "work_item".to_owned() } else { kind.to_owned() }
}

#[component]
pub fn ImportPage() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let code = kind_or_default(use_url().get("kind"));
    let kind = use_kind(&code);
    let earlier = use_pages::<ImportView>("/imports".to_owned());
    let list = format!("/list/{code}");
    let task = use_task();
    let chosen = use_state(|| None::<(String, bool)>);
    let over = use_state(|| false);
    let go = use_go();
    let name = kind.ready().map(|kind| kind.name.in_lang(lang).to_owned()).unwrap_or_default();

    use_title(M::IMPORT_TITLE.fill(lang, &[&name]));

    let onchange = {
        let (task, chosen, over) = (task.clone(), chosen.clone(), over.clone());
        Callback::from(move |event: Event| {
            over.set(false);
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            // The same file may be chosen again after it was mended.
            input.set_value("");
            let fits = readable(&file.name());
            chosen.set(Some((file.name(), fits)));
            if !fits {
                return;
            }
            let (go, path) = (go.clone(), format!("/imports?kind={}", encode(&code)));
            task.run(async move {
                let import: ImportView = api::upload(&path, &file).await?;
                go.to(&format!("/import/{}", import.id));
                Ok(())
            });
        })
    };
    let hover = |on: bool| {
        let over = over.clone();
        Callback::from(move |_: DragEvent| over.set(on))
    };
    let status = match &*chosen {
        Some((name, false)) => M::IMPORT_WRONG_ENDING.fill(lang, &[name]),
        Some((name, true)) if task.busy => M::IMPORT_READING.fill(lang, &[name]),
        _ => String::new(),
    };
    let trail = html! { <><A href={list}>{ &name }</A>{ " / " }{ t(M::IMPORT) }</> };
    html! {
        <div class="m-page">
            <Head title={M::IMPORT_TITLE.fill(lang, &[&name])} sub={t(M::IMPORT_WHAT_HAPPENS)} {trail} />
            <section class="card pad">
                // The file field lies over all of it: the browser itself takes what is dropped.
                <label class={classes!("m-drop", over.then_some("over"))} ondragenter={hover(true)} ondragleave={hover(false)}>
                    <strong>{ t(M::IMPORT_DROP) }</strong>
                    <span class="btn primary" aria-hidden="true">{ t(M::IMPORT_CHOOSE) }</span>
                    <input class="m-file" type="file" accept=".xlsx,.xls,.ods" aria-label={t(M::IMPORT_CHOOSE)} disabled={task.busy} {onchange} />
                    <small class="sub">{ t(M::IMPORT_LIMITS) }</small>
                </label>
                <div class="m-progress" hidden={!task.busy}><progress aria-label={t(M::IMPORT_PROGRESS)}></progress></div>
                <p class="sub" role="status">{ status }</p>
                <Fault fault={task.fault.clone()} {lang} />
            </section>
            <section class="card m-gap">
                <header><h2>{ t(M::IMPORT_EARLIER) }</h2></header>
                { listed(&earlier, |imports| {
                    if imports.is_empty() {
                        return html! { <Empty title={t(M::IMPORT_NONE)} /> };
                    }
                    html! {
                        <table class="m-cards">
                            <thead><tr><th>{ t(M::IMPORT_FILE) }</th><th>{ t(M::IMPORT_ROWS) }</th><th>{ t(M::WHEN) }</th><th>{ t(M::STATE) }</th></tr></thead>
                            <tbody>{ for imports.iter().map(|import| {
                                let all = import.counts.accepted + import.counts.decide + import.counts.refused + import.counts.present;
                                let (tone, state) = if import.state == "committed" { (Tone::Ok, M::IMPORT_COMMITTED) } else { (Tone::Warn, M::IMPORT_PREVIEW) };
                                html! {
                                    <tr key={import.id.to_string()}>
                                        <td class="title" data-label={t(M::IMPORT_FILE)}><A href={format!("/import/{}", import.id)}>{ &import.file_name }</A></td>
                                        <td class="num" data-label={t(M::IMPORT_ROWS)}>{ count_words(M::N_ROWS, lang, all) }</td>
                                        <td class="num" data-label={t(M::WHEN)}>{ minute(import.at) }</td>
                                        <td data-label={t(M::STATE)}><Lamp {tone}>{ t(state) }</Lamp></td>
                                    </tr>
                                }
                            }) }</tbody>
                        </table>
                    }
                }) }
            </section>
        </div>
    }
}
