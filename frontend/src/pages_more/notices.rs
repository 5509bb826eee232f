//! 提醒: what a person should look at, unread first.

use super::kit::{A, Empty, Fault, Head, count_words, listed, minute, tr, use_lang, use_pages, use_task, use_title};
use crate::kernel::{api, session::use_session};
use serde_json::{Value, json};
use shared::kernel::{api::NoticeView, messages_more as M};
use yew::prelude::*;

#[component]
pub fn NoticesPage() -> Html {
    let lang = use_lang();
    let t = tr(lang);
    let notices = use_pages::<NoticeView>("/notices".to_owned());
    let task = use_task();
    let session = use_session();
    // All there are, not only those on this page.
    let unread = session.as_ref().and_then(|session| session.counts.as_ref()).map_or(0, |counts| counts.unread_notices);
    use_title(t(M::NOTICES).to_owned());
    let counts = session.map(|session| session.reload_counts).unwrap_or_default();
    let mark = {
        let (task, reload) = (task.clone(), notices.reload.clone());
        Callback::from(move |path: String| {
            let (reload, counts) = (reload.clone(), counts.clone());
            task.run(async move {
                let _: Value = api::post(&path, &json!({})).await?;
                reload.emit(());
                counts.emit(());
                Ok(())
            });
        })
    };
    let mark_all = mark.reform(|_: MouseEvent| "/notices/read-all".to_owned());
    let sub = if unread > 0 { count_words(M::N_UNREAD, lang, unread) } else { t(M::NONE_UNREAD).to_owned() };
    html! {
        <div class="m-page">
            <Head title={t(M::NOTICES)} {sub}>
                <button class="btn" type="button" disabled={task.busy || unread == 0} onclick={mark_all}>{ t(M::MARK_ALL_READ) }</button>
            </Head>
            <Fault fault={task.fault.clone()} {lang} />
            <section class="card">
                { listed(&notices, |notices| {
                    if notices.is_empty() {
                        return html! { <Empty title={t(M::NOTICES_EMPTY)} /> };
                    }
                    let mut sorted: Vec<_> = notices.iter().collect();
                    sorted.sort_by_key(|notice| (notice.read, std::cmp::Reverse(notice.at)));
                    html! { <ul class="m-notices">{ for sorted.into_iter().map(|notice| {
                        let read = format!("/notices/{}/read", notice.id);
                        let on_open = { let (mark, read, fresh) = (mark.clone(), read.clone(), !notice.read); Callback::from(move |_: MouseEvent| if fresh { mark.emit(read.clone()); }) };
                        let on_read = mark.reform(move |_: MouseEvent| read.clone());
                        let words = notice.text.in_lang(lang);
                        // The matter's title is mostly part of the sentence already.
                        let title = notice.matter_title.clone().filter(|title| !words.contains(title.as_str())).unwrap_or_default();
                        html! {
                            <li key={notice.id.to_string()} class={classes!((!notice.read).then_some("m-unread"))}>
                                <span class="m-notice-words">
                                    <span class="m-state-word">{ if notice.read { "" } else { t(M::UNREAD) } }</span>
                                    <span onclick={on_open}>{ match notice.matter {
                                        Some(matter) => html! { <A href={format!("/matters/{matter}")}>{ words.to_owned() }</A> },
                                        None => html! { <span>{ words.to_owned() }</span> },
                                    } }</span>
                                    <span class="m-notice-matter">{ title }</span>
                                </span>
                                <time class="sub num" datetime={notice.at.to_rfc3339()}>{ minute(notice.at) }</time>
                                <button class="linklike" type="button" hidden={notice.read} disabled={task.busy} onclick={on_read}>{ t(M::MARK_READ) }</button>
                            </li>
                        }
                    }) }</ul> }
                }) }
            </section>
        </div>
    }
}
