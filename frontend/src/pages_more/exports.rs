//! 近一天的导出: what one exported, how far it is, and the file when it is done.

use super::kit::{A, Empty, Fault, Lamp, Tone, loaded, minute, tr, use_lang, use_query, use_task, use_watch};
use crate::{
    kernel::{
        api,
        query::Query,
        session::{Session, use_session},
        values::thousands,
    },
    pages::exporting::{FILE_NAME, failure_words, progress_words},
};
use shared::kernel::{
    api::{ExportView, Page},
    messages as m, messages_more as M,
    text::Lang,
};
use yew::prelude::*;

/// The list that was exported: its name, and the way to it with the same filters.
fn origin(export: &ExportView, session: Option<&Session>, lang: Lang) -> (String, String) {
    let query = Query::parse(&export.query);
    if query.get("box").is_some() {
        return (M::EXPORT_BOX.in_lang(lang).to_owned(), format!("/inbox{}", query.suffix()));
    }
    let kind = session.and_then(|session| session.kind(&export.kind));
    let name = kind.map(|kind| kind.name.in_lang(lang).to_owned()).unwrap_or_default();
    (name, format!("/list/{}{}", export.kind, query.without(&["kind"]).suffix()))
}

#[component]
pub fn Exports() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let exports = use_query::<Page<ExportView>>(Some("/exports?limit=50".to_owned()));
    let running = exports.ready().is_some_and(|page| page.items.iter().any(|export| export.state == "running"));
    use_watch(running, exports.refreshing, exports.reload.clone());
    html! {
        <section class="card m-gap">
            <header><h2>{ t(M::EXPORTS) }</h2><div class="side hide-s"><span class="sub">{ t(M::EXPORTS_LINE) }</span></div></header>
            { loaded(&exports, |page| {
                if page.items.is_empty() {
                    return html! { <Empty title={t(M::EXPORTS_NONE)} /> };
                }
                html! {
                    <table class="m-cards">
                        <thead><tr><th>{ t(M::EXPORT_OF) }</th><th>{ t(M::EXPORT_ROWS) }</th><th>{ t(M::WHEN) }</th><th>{ t(M::STATE) }</th><td></td></tr></thead>
                        <tbody>{ for page.items.iter().map(|export| html! { <ExportRow key={export.id.to_string()} export={export.clone()} /> }) }</tbody>
                    </table>
                }
            }) }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct ExportRowProps {
    export: ExportView,
}

#[component]
fn ExportRow(props: &ExportRowProps) -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let export = &props.export;
    let session = use_session();
    let task = use_task();
    let (name, href) = origin(export, session.as_ref(), lang);
    let (tone, state) = match export.state.as_str() {
        "done" => (Tone::Ok, t(M::EXPORT_DONE)),
        "running" => (Tone::Idle, ""),
        _ => (Tone::Late, t(M::EXPORT_FAILED)),
    };
    let words = match export.state.as_str() {
        "running" => progress_words(export.progress, lang),
        "failed" => failure_words(export.problem.as_deref(), lang).to_owned(),
        _ => String::new(),
    };
    let rows = if export.state == "done" { thousands(export.progress.done) } else { String::new() };
    let onclick = {
        let (task, path) = (task.clone(), format!("/exports/{}/file", export.id));
        Callback::from(move |_: MouseEvent| {
            let path = path.clone();
            task.run(async move { api::download(&path, FILE_NAME).await });
        })
    };
    html! {
        <tr>
            <td class="title" data-label={t(M::EXPORT_OF)}><A {href}>{ &name }</A></td>
            <td class="num" data-label={t(M::EXPORT_ROWS)}>{ rows }</td>
            <td class="num" data-label={t(M::WHEN)}>{ minute(export.at) }</td>
            <td data-label={t(M::STATE)}>
                <span hidden={state.is_empty()}><Lamp {tone}>{ state }</Lamp></span>
                <span class="sub">{ words }</span>
            </td>
            <td class="m-row-actions">
                <button class="linklike" type="button" hidden={export.state != "done"} disabled={task.busy} aria-label={format!("{}{}{name} {}", m::DOWNLOAD.in_lang(lang), t(M::COLON), minute(export.at))} {onclick}>{ m::DOWNLOAD.in_lang(lang) }</button>
                <Fault fault={task.fault.clone()} {lang} />
            </td>
        </tr>
    }
}
