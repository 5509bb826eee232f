//! One change at a time, and problems in words. Reading is the kernel's.

use crate::kernel::api::ApiError;
use shared::kernel::{messages_more as M, problem::Code, text::Lang};
use std::{cell::Cell, future::Future, rc::Rc};
use yew::{platform::spawn_local, prelude::*};

/// One thing the person started: whether it runs, and what went wrong. Other than the kernel's mutation it takes any work,
/// for pages whose buttons do different things but never two at once.
#[derive(Clone)]
pub struct Task {
    pub busy: bool,
    pub fault: Option<ApiError>,
    running: Rc<Cell<bool>>,
    set: Callback<(bool, Option<ApiError>)>,
}

impl Task {
    /// A second press while the first runs does nothing.
    pub fn run(&self, work: impl Future<Output = Result<(), ApiError>> + 'static) {
        if self.running.replace(true) {
            return;
        }
        let (set, running) = (self.set.clone(), Rc::clone(&self.running));
        set.emit((true, None));
        spawn_local(async move {
            let fault = work.await.err();
            running.set(false);
            set.emit((false, fault));
        });
    }

    /// Forgets the last fault.
    pub fn clear(&self) {
        if !self.running.get() {
            self.set.emit((false, None));
        }
    }
}

#[hook]
pub fn use_task() -> Task {
    let state = use_state(|| (false, None::<ApiError>));
    let running = use_mut_ref(|| Rc::new(Cell::new(false)));
    let set = {
        let state = state.clone();
        Callback::from(move |next| state.set(next))
    };
    let running = Rc::clone(&running.borrow());
    Task { busy: state.0, fault: state.1.clone(), running, set }
}

/// A problem in words: the code's sentence, and for each field what the server says to mend it.
pub fn fault_words(fault: &ApiError, lang: Lang) -> String {
    let mut words = fault.words(lang);
    for error in fault.errors() {
        words += M::SEPARATOR.in_lang(lang);
        words += Code::parse(&error.code).map_or(error.code.as_str(), |code| code.message().in_lang(lang));
        if let Some(detail) = &error.detail {
            words += M::COLON.in_lang(lang);
            words += detail;
        }
    }
    words
}
