//! Files, comments and the unit's own notes.

use crate::{
    kernel::{
        api, dates,
        fields::{Values, upload_words, use_form},
        hooks::{use_mutation, use_pages, use_query},
        i18n::use_lang,
        session::unit_words,
        values,
    },
    pages::edit::chosen_file,
    ui::{Button, Card, Dialog, More, Skeleton, Tone, Trouble, target_value},
};
use serde_json::Value;
use shared::kernel::{
    api::{AccessEntry, AttachmentView, CommentView, MatterDetail, NewComment, NewNote, UserBrief},
    ids::UserId,
    messages as m,
};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct AttachmentsCardProps {
    pub matter: Rc<MatterDetail>,
    pub changed: Callback<()>,
}

#[component]
pub fn AttachmentsCard(props: &AttachmentsCardProps) -> Html {
    let lang = use_lang();
    let path = format!("/matters/{}/attachments", props.matter.item.id);
    let files = use_pages::<AttachmentView>(path.clone());
    let looked_at = use_state(|| None::<AttachmentView>);
    let first = use_mut_ref(|| true);
    use_effect_with(props.matter.attachment_count, {
        let reload = files.reload.clone();
        move |_| {
            if !std::mem::replace(&mut *first.borrow_mut(), false) {
                reload.emit(());
            }
        }
    });
    let upload = {
        let (path, reload, changed) = (path.clone(), files.reload.clone(), props.changed.clone());
        use_mutation(
            move |file: web_sys::File| {
                let path = path.clone();
                async move { api::upload::<AttachmentView>(&path, &file).await }
            },
            Callback::from(move |_| {
                reload.emit(());
                changed.emit(());
            }),
        )
    };
    let download = {
        let path = path.clone();
        use_mutation(
            move |file: AttachmentView| {
                let path = format!("{path}/{}", file.id);
                async move { api::download(&path, &file.name).await }
            },
            Callback::noop(),
        )
    };
    let onchange = {
        let run = upload.run.clone();
        Callback::from(move |event: Event| {
            if let Some(file) = chosen_file(&event) {
                run.emit(file);
            }
        })
    };
    let previewable = |file: &AttachmentView| file.media_type.starts_with("image/") || file.media_type == "application/pdf";
    let refused = upload.error.as_ref().map(|error| upload_words(error, lang));
    let trouble = refused.or_else(|| download.error.as_ref().map(|error| error.words(lang))).unwrap_or_default();
    let adding = html! { <label class="linklike">{ if upload.busy { m::UPLOADING.in_lang(lang) } else { m::ADD_FILE.in_lang(lang) } }<input type="file" hidden=true disabled={upload.busy} {onchange} /></label> };
    html! {
        <>
            <Card title={m::ATTACHMENTS.in_lang(lang)} flush=true side={html! { <span class="no-print">{ if props.matter.item.is_open && props.matter.participates { adding } else { html! { <span></span> } } }</span> }}>
                <div>{ match &files.error {
                    _ if files.loading => html! { <Skeleton lines={2} /> },
                    Some(error) => html! { <Trouble error={error.clone()} retry={Some(files.reload.clone())} /> },
                    None if files.items.is_empty() => html! { <p class="sub pad">{ m::NO_FILES.in_lang(lang) }</p> },
                    None => html! {
                        <div><ul class="brief">{ for files.items.iter().map(|file| {
                            let (run, looked_at) = (download.run.clone(), looked_at.clone());
                            let (whole, shown) = ((**file).clone(), (**file).clone());
                            html! {
                                <li key={file.id.to_string()}>
                                    <div class="line"><b>{ &file.name }</b><span class="row-actions no-print">
                                        <button type="button" class="linklike" hidden={!previewable(file)} onclick={Callback::from(move |_: MouseEvent| looked_at.set(Some(shown.clone())))}>{ m::PREVIEW.in_lang(lang) }</button>
                                        <button type="button" class="linklike" onclick={Callback::from(move |_: MouseEvent| run.emit(whole.clone()))}>{ m::DOWNLOAD.in_lang(lang) }</button>
                                    </span></div>
                                    <span class="sub">{ format!("{} · {} {} · {}", values::size(file.size as f64), unit_words(&file.unit, lang), file.uploaded_by, dates::moment(file.at, lang)) }</span>
                                </li>
                            }
                        }) }</ul>
                        <div hidden={files.more.is_none()}><More more={files.more.clone()} shown={files.items.len()} /></div></div>
                    },
                } }</div>
                <p class="error" role="alert">{ trouble }</p>
            </Card>
            <div class="overlays">
                if let Some(file) = (*looked_at).clone() {
                    <PreviewDialog path={format!("{path}/{}", file.id)} {file} close={ let looked_at = looked_at.clone(); Callback::from(move |()| looked_at.set(None)) } />
                }
            </div>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct PreviewDialogProps {
    path: String,
    file: AttachmentView,
    close: Callback<()>,
}

/// A picture or a PDF, fetched with the token and shown from memory.
#[component]
fn PreviewDialog(props: &PreviewDialogProps) -> Html {
    let lang = use_lang();
    let address = use_state(|| None::<Result<String, api::ApiError>>);
    use_effect_with(props.path.clone(), {
        let address = address.clone();
        move |path| {
            let path = path.clone();
            let made = Rc::new(std::cell::RefCell::new(None::<String>));
            let made_inside = made.clone();
            wasm_bindgen_futures::spawn_local(async move {
                match api::blob(&path).await {
                    Ok(blob) => {
                        if let Ok(url) = web_sys::Url::create_object_url_with_blob(&blob) {
                            *made_inside.borrow_mut() = Some(url.clone());
                            address.set(Some(Ok(url)));
                        }
                    }
                    Err(error) => address.set(Some(Err(error))),
                }
            });
            move || {
                if let Some(url) = made.borrow_mut().take() {
                    let _ = web_sys::Url::revoke_object_url(&url);
                }
            }
        }
    });
    let inside = match &*address {
        None => html! { <Skeleton lines={6} /> },
        Some(Err(error)) => html! { <Trouble error={error.clone()} /> },
        Some(Ok(url)) if props.file.media_type == "application/pdf" => {
            html! { <iframe class="preview" src={url.clone()} title={props.file.name.clone()}></iframe> }
        }
        Some(Ok(url)) => html! { <img class="preview" src={url.clone()} alt={props.file.name.clone()} /> },
    };
    html! { <Dialog wide=true title={props.file.name.clone()} close={props.close.clone()}><div>{ inside }</div><p class="hash">{ format!("SM3 {}", props.file.digest) }</p><p hidden=true>{ m::PREVIEW.in_lang(lang) }</p></Dialog> }
}

#[derive(Properties, PartialEq)]
pub struct CommentsCardProps {
    pub id: String,
    /// Who only reads writes no comment.
    pub writes: bool,
}

#[component]
pub fn CommentsCard(props: &CommentsCardProps) -> Html {
    let lang = use_lang();
    html! { <Talk id={props.id.clone()} path={format!("/matters/{}/comments", props.id)} title={m::COMMENTS.in_lang(lang)} line={m::COMMENTS_LINE.in_lang(lang)} note=false writes={props.writes} /> }
}

#[derive(Properties, PartialEq)]
pub struct NotesCardProps {
    pub id: String,
    pub unit: String,
}

/// Seen by the own unit only; the card says so.
#[component]
pub fn NotesCard(props: &NotesCardProps) -> Html {
    let lang = use_lang();
    html! { <Talk id={props.id.clone()} path={format!("/matters/{}/notes", props.id)} title={m::NOTES.in_lang(lang)} line={m::NOTES_LINE.fill(lang, &[&props.unit])} note=true writes=true /> }
}

#[derive(Properties, PartialEq)]
struct TalkProps {
    /// The matter's.
    id: String,
    path: String,
    title: AttrValue,
    line: AttrValue,
    note: bool,
    writes: bool,
}

/// Texts under one another and a box for one more.
#[component]
fn Talk(props: &TalkProps) -> Html {
    let lang = use_lang();
    let said = use_pages::<CommentView>(props.path.clone());
    // Kept until it is sent, as every form.
    let form = use_form(format!("{}.{}", if props.note { "note" } else { "say" }, props.id), Values::new());
    let text = form.values.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mentions = use_state(Vec::<UserBrief>::new);
    let choosing = use_state_eq(|| false);
    // Asked for only when somebody wants to mention: looking up who sees a matter is on record.
    let seers = use_query::<api::Listing<AccessEntry>>(choosing.then(|| props.path.replace("/comments", "/access")));
    let send = {
        let (path, note, reload, mentions) = (props.path.clone(), props.note, said.reload.clone(), mentions.clone());
        let (sent, replace) = (form.sent.clone(), form.replace.clone());
        let mentioned: Vec<UserId> = mentions.iter().map(|person| person.id).collect();
        use_mutation(
            move |words: String| {
                let mentioned = mentioned.clone();
                let path = path.clone();
                async move {
                    if note {
                        api::post::<_, serde_json::Value>(&path, &NewNote { text: words }).await
                    } else {
                        api::post::<_, serde_json::Value>(&path, &NewComment { text: words, mentions: mentioned }).await
                    }
                }
            },
            Callback::from(move |_| {
                sent.emit(());
                replace.emit(Values::new());
                mentions.set(Vec::new());
                reload.emit(());
            }),
        )
    };
    let oninput = {
        let set = form.set.clone();
        Callback::from(move |event: InputEvent| set.emit(("text".into(), Value::String(target_value(&event)))))
    };
    let onclick = {
        let (run, text) = (send.run.clone(), text.clone());
        Callback::from(move |_: MouseEvent| run.emit(text.trim().to_owned()))
    };
    let people: Vec<UserBrief> =
        seers.ready().map(|seers| (**seers).clone().into_items().into_iter().map(|entry| entry.user).collect()).unwrap_or_default();
    let onmention = {
        let (mentions, people) = (mentions.clone(), people.clone());
        Callback::from(move |event: Event| {
            let id = target_value(&event);
            if let Some(person) =
                people.iter().find(|person| person.id.to_string() == id).filter(|_| mentions.iter().all(|other| other.id.to_string() != id))
            {
                let mut next = (*mentions).clone();
                next.push(person.clone());
                mentions.set(next);
            }
        })
    };
    let begin = {
        let choosing = choosing.clone();
        Callback::from(move |_: MouseEvent| choosing.set(true))
    };
    html! {
        // A unit's own notes don't go out on paper, nor does an empty card.
        <Card title={props.title.clone()} class={classes!((props.note || said.items.is_empty()).then_some("no-print"))} side={html! { <span>{ &props.line }</span> }}>
            <div>{ for said.items.iter().map(|comment| html! {
                <div key={comment.id.to_string()} class="said"><span class="sub">{ format!("{} {} · {}", unit_words(&comment.unit, lang), comment.person, dates::moment(comment.at, lang)) }</span><span class="prose">{ &comment.text }</span></div>
            }) }</div>
            <div hidden={said.more.is_none()}><More more={said.more.clone()} shown={said.items.len()} /></div>
            <div class="compose no-print" hidden={!props.writes}>
                <textarea rows="2" maxlength="2000" value={text.clone()} {oninput} aria-label={props.title.clone()} placeholder={props.line.clone()} />
                <div class="mentions" hidden={props.note}>
                    { for mentions.iter().map(|person| {
                        let (mentions, id) = (mentions.clone(), person.id);
                        let drop = Callback::from(move |_: MouseEvent| mentions.set(mentions.iter().filter(|other| other.id != id).cloned().collect()));
                        html! { <button key={person.id.to_string()} type="button" class="chip on" onclick={drop} aria-label={m::REMOVE_X.fill(lang, &[&person.name])}>{ format!("@{} {} ×", unit_words(&person.unit, lang), person.name) }</button> }
                    }) }
                    if *choosing {
                        <select key="who" class="chip" aria-label={m::MENTION.in_lang(lang)} onchange={onmention}>
                            <option value="" selected=true>{ m::MENTION_HINT.in_lang(lang) }</option>
                            { for people.iter().map(|person| html! { <option key={person.id.to_string()} value={person.id.to_string()}>{ format!("{} {}", unit_words(&person.unit, lang), person.name) }</option> }) }
                        </select>
                    } else {
                        <button key="begin" type="button" class="linklike" onclick={begin}>{ format!("@ {}", m::MENTION.in_lang(lang)) }</button>
                    }
                </div>
                <span class="error" role="alert">{ send.error.as_ref().map(|error| error.words(lang)).unwrap_or_default() }</span>
                <Button tone={Tone::Plain} busy={send.busy} disabled={text.trim().is_empty()} {onclick}>{ m::SEND.in_lang(lang) }</Button>
            </div>
        </Card>
    }
}
