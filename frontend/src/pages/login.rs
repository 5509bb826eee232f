//! Sign-in, and the first password of one's own.

use crate::{
    kernel::{
        api,
        focus::use_focus_on,
        hooks::{use_mutation, use_title},
        i18n::{LangContext, use_lang},
        session::{Doors, unit_words},
        toast::use_toasts,
    },
    ui::{Button, Tone, target_value},
};
use shared::kernel::{
    api::{LoginRequest, LoginResponse, Me, PasswordChange},
    messages as m,
    problem::Code,
    text::Lang,
};
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct GateFrameProps {
    pub children: Html,
}

/// Mark, name and language around the few pages before the door.
#[component]
pub fn GateFrame(props: &GateFrameProps) -> Html {
    let lang = use_lang();
    use_focus_on(());
    let language = use_context::<LangContext>();
    let switch = Callback::from(move |_: MouseEvent| {
        if let Some(language) = &language {
            language.set.emit(if language.lang == Lang::Zh { Lang::En } else { Lang::Zh });
        }
    });
    html! {
        <div class="gate">
            <button type="button" class="linklike gate-lang" onclick={switch}>{ if lang == Lang::Zh { "English" } else { "中文" } }</button>
            <main class="gate-box">
                <div class="gate-brand"><span class="mark big-mark" aria-hidden="true">{ "联" }</span><div><b>{ m::PRODUCT_FULL.in_lang(lang) }</b><span class="sub">{ m::PRODUCT_LINE.in_lang(lang) }</span></div></div>
                <div class="card pad">{ props.children.clone() }</div>
                <p class="sub gate-note">{ m::GATE_NOTE.in_lang(lang) }</p>
            </main>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct LineProps {
    id: &'static str,
    label: AttrValue,
    #[prop_or("text")]
    kind: &'static str,
    autocomplete: &'static str,
    value: UseStateHandle<String>,
    #[prop_or_default]
    hint: AttrValue,
    #[prop_or_default]
    error: AttrValue,
    #[prop_or_default]
    autofocus: bool,
}

#[component]
fn Line(props: &LineProps) -> Html {
    let node = use_node_ref();
    use_effect_with(props.autofocus, {
        let node = node.clone();
        move |wanted| {
            if *wanted && let Some(input) = node.cast::<web_sys::HtmlElement>() {
                let _ = input.focus();
            }
        }
    });
    let oninput = {
        let value = props.value.clone();
        Callback::from(move |event: InputEvent| value.set(target_value(&event)))
    };
    let about = format!("{}-about", props.id);
    html! {
        <div class={classes!("field", (!props.error.is_empty()).then_some("bad"))}>
            <label class="label" for={props.id}>{ &props.label }</label>
            <input ref={node} id={props.id} name={props.id} type={props.kind} autocomplete={props.autocomplete} autocapitalize="none" spellcheck="false"
                value={(*props.value).clone()} {oninput} aria-describedby={about.clone()} aria-invalid={(!props.error.is_empty()).then_some("true")} />
            <div class="about" id={about}><span class="error">{ &props.error }</span><span class="hint">{ &props.hint }</span></div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub struct LoginPageProps {
    /// The session ended by itself.
    pub expired: bool,
}

#[component]
pub fn LoginPage(props: &LoginPageProps) -> Html {
    let lang = use_lang();
    use_title(m::SIGN_IN.in_lang(lang).to_owned());
    let doors = use_context::<Doors>();
    let (username, password, otp) = (use_state(String::new), use_state(String::new), use_state(String::new));
    let asks_otp = use_state_eq(|| false);
    let missing = use_state_eq(|| false);
    let sign_in = use_mutation(
        |request: LoginRequest| async move { api::post::<_, LoginResponse>("/auth/login", &request).await },
        Callback::from(move |response: LoginResponse| {
            if let Some(doors) = &doors {
                doors.enter.emit((response.access_token, Rc::new(response.user)));
            }
        }),
    );
    let needs_otp = sign_in.error.as_ref().is_some_and(|error| error.is(Code::OtpRequired));
    use_effect_with(needs_otp, {
        let asks_otp = asks_otp.clone();
        move |needs| {
            if *needs {
                asks_otp.set(true);
            }
        }
    });
    let onsubmit = {
        let (username, password, otp, missing, run) = (username.clone(), password.clone(), otp.clone(), missing.clone(), sign_in.run.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let empty = username.trim().is_empty() || password.is_empty();
            missing.set(empty);
            if !empty {
                let otp = Some(otp.trim().to_owned()).filter(|otp| !otp.is_empty());
                run.emit(LoginRequest { username: username.trim().to_owned(), password: (*password).clone(), otp });
            }
        })
    };
    let sentence = if *missing {
        m::SIGN_IN_MISSING.in_lang(lang).to_owned()
    } else {
        match &sign_in.error {
            Some(error) if *asks_otp && error.is(Code::CredentialsInvalid) => m::OTP_OR_PASSWORD_WRONG.in_lang(lang).to_owned(),
            error => error.as_ref().map(|error| error.words(lang)).unwrap_or_default(),
        }
    };
    html! {
        <GateFrame>
            <h1>{ m::SIGN_IN.in_lang(lang) }</h1>
            <p class="note" hidden={!props.expired || !sentence.is_empty()}>{ m::SESSION_EXPIRED.in_lang(lang) }</p>
            <p class={if needs_otp { "note" } else { "note bad" }} role="alert" hidden={sentence.is_empty()}>{ sentence }</p>
            <form class="stack" {onsubmit} novalidate=true>
                <Line id="username" label={m::USERNAME.in_lang(lang)} autocomplete="username" value={username} autofocus=true hint={m::USERNAME_HINT.in_lang(lang)} />
                <Line id="password" label={m::PASSWORD.in_lang(lang)} kind="password" autocomplete="current-password" value={password} />
                <div hidden={!*asks_otp}>
                    if *asks_otp {
                        <Line id="otp" label={m::OTP.in_lang(lang)} autocomplete="one-time-code" value={otp} autofocus=true />
                    }
                </div>
                <Button submit=true tone={Tone::Primary} class="wide-btn" busy={sign_in.busy}>{ m::SIGN_IN.in_lang(lang) }</Button>
            </form>
        </GateFrame>
    }
}

#[derive(Properties, PartialEq)]
pub struct FirstPasswordPageProps {
    pub me: Rc<Me>,
}

/// 12 characters, NIST SP 800-63B: length over composition.
const SHORTEST_PASSWORD: usize = 12;

#[component]
pub fn FirstPasswordPage(props: &FirstPasswordPageProps) -> Html {
    let (lang, toasts) = (use_lang(), use_toasts());
    use_title(m::CHANGE_PASSWORD.in_lang(lang).to_owned());
    let (current, new, again) = (use_state(String::new), use_state(String::new), use_state(String::new));
    let fault = use_state_eq(|| None::<shared::kernel::text::Message>);
    let change = use_mutation(
        |change: PasswordChange| async move { api::post::<_, serde_json::Value>("/auth/password", &change).await },
        Callback::from(move |_| {
            toasts.done(m::PASSWORD_CHANGED.in_lang(lang));
            // The person is read anew with the page: all tokens before the change are void.
            if let Some(window) = web_sys::window() {
                let _ = window.location().reload();
            }
        }),
    );
    let onsubmit = {
        let (current, new, again, fault, run) = (current.clone(), new.clone(), again.clone(), fault.clone(), change.run.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let found = if new.chars().count() < SHORTEST_PASSWORD {
                Some(Code::PasswordWeak.message())
            } else if *new != *again {
                Some(m::PASSWORDS_DIFFER)
            } else {
                None
            };
            fault.set(found);
            if found.is_none() {
                run.emit(PasswordChange { current: (*current).clone(), new: (*new).clone() });
            }
        })
    };
    let sentence =
        fault.map(|fault| fault.in_lang(lang).to_owned()).or_else(|| change.error.as_ref().map(|error| error.words(lang))).unwrap_or_default();
    html! {
        <GateFrame>
            <h1>{ m::CHANGE_PASSWORD.in_lang(lang) }</h1>
            <p class="sub">{ m::CHANGE_PASSWORD_WHY.fill(lang, &[&props.me.name, unit_words(&props.me.unit, lang)]) }</p>
            <p class="note bad" role="alert" hidden={sentence.is_empty()}>{ sentence }</p>
            <form class="stack" {onsubmit} novalidate=true>
                <Line id="current" label={m::PASSWORD_CURRENT.in_lang(lang)} kind="password" autocomplete="current-password" value={current} autofocus=true />
                <Line id="new" label={m::PASSWORD_NEW.in_lang(lang)} kind="password" autocomplete="new-password" value={new} hint={m::PASSWORD_RULE.in_lang(lang)} />
                <Line id="again" label={m::PASSWORD_AGAIN.in_lang(lang)} kind="password" autocomplete="new-password" value={again} />
                <Button submit=true tone={Tone::Primary} class="wide-btn" busy={change.busy}>{ m::CHANGE_PASSWORD.in_lang(lang) }</Button>
            </form>
        </GateFrame>
    }
}
