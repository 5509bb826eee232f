//! 导入导出: hand over a spreadsheet. Nothing is written here; the next page shows how it was read. Below, what is under way and what was
//! imported and exported before: whoever left it finds it here.

use super::kit::{
    A, Empty, Fault, Head, Lamp, SheetDrop, Tone, encode, kind_tabs, listed, minute, tr, use_go, use_kind, use_lang, use_pages, use_task, use_title,
    use_url, use_watch,
};
use super::{exports::Exports, import_review::writing_words};
use crate::kernel::{
    api,
    session::{Session, use_session},
};
use shared::kernel::{api::ImportView, messages_more as M};
use web_sys::File;
use yew::prelude::*;

/// The kind an import is for: the one of the address, else the first whose lists the person may import.
fn kind_or_default(kind: &str, session: Option<&Session>) -> String {
    let first =
        || session.and_then(|session| session.imports().first().copied().or(session.first_kind())).map(|kind| kind.code.clone()).unwrap_or_default();
    if kind.is_empty() { first() } else { kind.to_owned() }
}

#[component]
pub fn ImportPage() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let session = use_session();
    let code = kind_or_default(use_url().get("kind"), session.as_ref());
    let kind = use_kind(&code);
    let list = format!("/list/{code}");
    let task = use_task();
    let go = use_go();
    let name = kind.ready().map(|kind| kind.name.in_lang(lang).to_owned()).unwrap_or_default();

    let kinds = session.as_ref().map(Session::imports).unwrap_or_default();
    // Others come for what they exported.
    let imports = kinds.iter().any(|kind| kind.code == code);
    let title = if imports { M::IMPORT_TITLE.fill(lang, &[&name]) } else { t(M::EXPORT_TITLE).to_owned() };
    use_title(title.clone());
    let tabs = kind_tabs(&kinds, &code, "/import", t(M::IMPORT_KIND), lang);

    let on_file = {
        let task = task.clone();
        Callback::from(move |file: File| {
            let (go, path) = (go.clone(), format!("/imports?kind={}", encode(&code)));
            task.run(async move {
                let import: ImportView = api::upload(&path, &file).await?;
                go.to(&format!("/import/{}", import.id));
                Ok(())
            });
        })
    };
    let trail = html! { <><A href={list}>{ &name }</A>{ " / " }{ t(M::IMPORT) }</> };
    html! {
        <div class="m-page">
            <Head {title} sub={if imports { t(M::IMPORT_WHAT_HAPPENS) } else { "" }} trail={if imports { trail } else { html! {} }} />
            <div hidden={!imports}>
                if imports {
                    { tabs }
                    <section class="card pad">
                        <SheetDrop {lang} busy={task.busy} limits={t(M::IMPORT_LIMITS)} {on_file} />
                        <Fault fault={task.fault.clone()} {lang} />
                    </section>
                    <Earlier />
                }
            </div>
            <Exports />
        </div>
    }
}

#[component]
fn Earlier() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let earlier = use_pages::<ImportView>("/imports".to_owned());
    let session = use_session();
    let kind_name = |code: &str| {
        let kind = session.as_ref().and_then(|session| session.kind(code));
        kind.map(|kind| kind.name.in_lang(lang).to_owned()).unwrap_or_default()
    };
    use_watch(earlier.items.iter().any(|import| import.progress.is_some()), earlier.asking, earlier.reload.clone());
    html! {
            <section class="card m-gap">
                <header><h2>{ t(M::IMPORT_EARLIER) }</h2></header>
                { listed(&earlier, |imports| {
                    // Lists of units and people are the administration's.
                    let imports: Vec<_> = imports.iter().filter(|import| !import.kind.starts_with("setup:")).collect();
                    if imports.is_empty() {
                        return html! { <Empty title={t(M::IMPORT_NONE)} /> };
                    }
                    html! {
                        <table class="m-cards">
                            <thead><tr><th>{ t(M::IMPORT_FILE) }</th><th>{ t(M::IMPORT_KIND) }</th><th>{ t(M::WHEN) }</th><th>{ t(M::STATE) }</th><td></td></tr></thead>
                            <tbody>{ for imports.iter().map(|import| {
                                let (tone, state, way) = match (import.state.as_str(), import.progress) {
                                    ("committed", _) => (Tone::Ok, t(M::IMPORT_COMMITTED).to_owned(), M::IMPORT_LOOK),
                                    (_, Some(progress)) => (Tone::Idle, writing_words(progress, lang), M::IMPORT_LOOK),
                                    _ => (Tone::Warn, t(M::IMPORT_PREVIEW).to_owned(), M::IMPORT_GO_ON),
                                };
                                html! {
                                    <tr key={import.id.to_string()}>
                                        <td class="title" data-label={t(M::IMPORT_FILE)}><A href={format!("/import/{}", import.id)}>{ &import.file_name }</A></td>
                                        <td data-label={t(M::IMPORT_KIND)}>{ kind_name(&import.kind) }</td>
                                        <td class="num" data-label={t(M::WHEN)}>{ minute(import.at) }</td>
                                        <td data-label={t(M::STATE)}><Lamp {tone}>{ state }</Lamp></td>
                                        <td class="m-row-actions"><A href={format!("/import/{}", import.id)} label={format!("{}{}{}", t(way), t(M::COLON), import.file_name)}>{ t(way) }</A></td>
                                    </tr>
                                }
                            }) }</tbody>
                        </table>
                    }
                }) }
            </section>
    }
}
