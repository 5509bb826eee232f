//! One-time codes: what an administrator sets up before anything else opens, and the form that everybody's own page has, too.

use super::login::GateFrame;
use crate::{
    kernel::{
        api,
        hooks::{use_mutation, use_title},
        i18n::use_lang,
        toast::use_toasts,
    },
    ui::{Button, Tone, target_value},
};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::kernel::messages as m;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// RFC 6238 codes as the server asks for them.
const DIGITS: usize = 6;

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Secret {
    /// Base 32.
    secret: String,
    /// `otpauth://`
    uri: String,
    /// The same as a picture: a row of modules each, `1` a dark one.
    qr: Vec<String>,
}

/// In groups of four, to be typed by hand.
fn grouped(secret: &str) -> String {
    let mut words = String::new();
    for (index, letter) in secret.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            words.push(' ');
        }
        words.push(letter);
    }
    words
}

/// Light modules that scanners want around the code (ISO/IEC 18004 §6.3.8).
const QUIET: usize = 4;

/// The dark modules as one path, a stroke for each run in a row.
fn strokes(rows: &[String]) -> String {
    let mut path = String::new();
    for (y, row) in rows.iter().enumerate() {
        let mut x = 0;
        for run in row.as_bytes().chunk_by(|one, other| one == other) {
            if run.first() == Some(&b'1') {
                path.push_str(&format!("M{} {}h{}v1H{}z", x + QUIET, y + QUIET, run.len(), x + QUIET));
            }
            x += run.len();
        }
    }
    path
}

fn picture(rows: &[String], label: &'static str) -> Html {
    let side = rows.len() + 2 * QUIET;
    html! {
        <svg class="qr" viewBox={format!("0 0 {side} {side}")} role="img" aria-label={label} shape-rendering="crispEdges" key="qr">
            <path d={strokes(rows)} />
        </svg>
    }
}

#[derive(Properties, PartialEq)]
pub struct SecondFactorFormProps {
    /// The authenticator has proved itself.
    pub done: Callback<()>,
}

/// The password, then a new key and a code of it; an authenticator in use counts until then.
#[component]
pub fn SecondFactorForm(props: &SecondFactorFormProps) -> Html {
    let lang = use_lang();
    let secret = use_state(|| None::<Secret>);
    let password = use_node_ref();
    let otp = use_state(String::new);
    let missing = use_state_eq(|| false);
    let begin = use_mutation(|password: String| async move { api::post::<_, Secret>("/me/totp", &json!({ "password": password })).await }, {
        let secret = secret.clone();
        Callback::from(move |made: Secret| secret.set(Some(made)))
    });
    let confirm = use_mutation(
        |otp: String| async move { api::post::<_, Value>("/me/totp/confirm", &json!({ "otp": otp })).await },
        props.done.reform(|_: Value| ()),
    );
    let on_password = {
        let (password, run) = (password.clone(), begin.run.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            run.emit(password.cast::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default());
        })
    };
    let oninput = {
        let otp = otp.clone();
        Callback::from(move |event: InputEvent| otp.set(target_value(&event)))
    };
    let onsubmit = {
        let (otp, missing, run) = (otp.clone(), missing.clone(), confirm.run.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let typed: String = otp.chars().filter(|c| !c.is_whitespace()).collect();
            let wrong = typed.len() != DIGITS || !typed.chars().all(|c| c.is_ascii_digit());
            missing.set(wrong);
            if !wrong {
                run.emit(typed);
            }
        })
    };
    let words =
        if *missing { m::CODES_MISSING.in_lang(lang).to_owned() } else { confirm.error.as_ref().map(|error| error.words(lang)).unwrap_or_default() };
    let refused = begin.error.as_ref().map(|error| error.words(lang)).unwrap_or_default();
    let inside = match &*secret {
        Some(made) => html! {
            <form key="form" class="stack" {onsubmit} novalidate=true>
                <ol class="codes">
                    <li>
                        <p>{ m::CODES_STEP_ADD.in_lang(lang) }</p>
                        { picture(&made.qr, m::CODES_QR.in_lang(lang)) }
                        <p>{ m::CODES_BY_HAND.in_lang(lang) }</p>
                        <p><code class="secret">{ grouped(&made.secret) }</code></p>
                        <p class="sub"><a href={made.uri.clone()}>{ m::CODES_OPEN.in_lang(lang) }</a></p>
                    </li>
                    <li>
                        <div class={classes!("field", (!words.is_empty()).then_some("bad"))}>
                            <label for="otp-new">{ m::CODES_STEP_TYPE.in_lang(lang) }</label>
                            <input id="otp-new" class="input otp" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="7" aria-label={m::CODES_SIX.in_lang(lang)}
                                value={(*otp).clone()} {oninput} aria-describedby="otp-new-about" aria-invalid={(!words.is_empty()).then_some("true")} />
                            <div class="about" id="otp-new-about"><span class="error" role="alert">{ words }</span><span class="hint">{ m::CODES_ONCE.in_lang(lang) }</span></div>
                        </div>
                    </li>
                </ol>
                <Button submit=true tone={Tone::Primary} class="wide-btn" busy={confirm.busy}>{ m::CODES_CONFIRM.in_lang(lang) }</Button>
            </form>
        },
        None => html! {
            <form key="password" class="stack" onsubmit={on_password}>
                <div class={classes!("field", (!refused.is_empty()).then_some("bad"))}>
                    <label for="otp-password">{ m::CODES_PASSWORD.in_lang(lang) }</label>
                    <input id="otp-password" ref={password} class="input" type="password" required=true autocomplete="current-password" aria-describedby="otp-password-about" aria-invalid={(!refused.is_empty()).then_some("true")} />
                    <div class="about" id="otp-password-about"><span class="error" role="alert">{ refused }</span><span class="hint">{ m::CODES_PASSWORD_NOTE.in_lang(lang) }</span></div>
                </div>
                <Button submit=true tone={Tone::Primary} class="wide-btn" busy={begin.busy}>{ m::CODES_NEXT.in_lang(lang) }</Button>
            </form>
        },
    };
    html! { <div>{ inside }</div> }
}

#[derive(Properties, PartialEq)]
pub struct SecondFactorPageProps {
    pub go_on: Callback<()>,
    /// Who has no phone at hand leaves.
    pub sign_out: Callback<()>,
}

#[component]
pub fn SecondFactorPage(props: &SecondFactorPageProps) -> Html {
    let (lang, toasts) = (use_lang(), use_toasts());
    use_title(m::CODES.in_lang(lang).to_owned());
    let done = {
        let go_on = props.go_on.clone();
        Callback::from(move |()| {
            toasts.done(m::CODES_DONE.in_lang(lang));
            go_on.emit(());
        })
    };
    html! {
        <GateFrame>
            <h1>{ m::CODES.in_lang(lang) }</h1>
            <p class="sub">{ m::CODES_WHY.in_lang(lang) }</p>
            <SecondFactorForm {done} />
            <p class="gate-out"><button type="button" class="linklike" onclick={props.sign_out.reform(|_: MouseEvent| ())}>{ m::SIGN_OUT.in_lang(lang) }</button></p>
        </GateFrame>
    }
}
