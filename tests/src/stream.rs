//! The live stream as a page reads it.

use crate::{City, Person};
use std::{
    io::{BufRead, BufReader},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

/// Lines of an open stream, as they come.
pub struct Stream {
    lines: Receiver<String>,
}

impl Person<'_> {
    /// Opens the stream and waits until it is connected.
    #[track_caller]
    pub fn listen(&self) -> Stream {
        self.city.listen(&self.token())
    }
}

impl City {
    /// The same with a token of one's own, whose session may end.
    #[track_caller]
    pub fn listen(&self, token: &str) -> Stream {
        self.hear("/stream", token)
    }

    /// The same after a disconnection, from the last event that was heard.
    #[track_caller]
    pub fn listen_since(&self, token: &str, last: &str) -> Stream {
        self.hear(&format!("/stream?last_event_id={last}"), token)
    }

    #[track_caller]
    fn hear(&self, path: &str, token: &str) -> Stream {
        let response = self.open("GET", path, |request| request.bearer_auth(token).timeout(Duration::from_secs(120)));
        assert!(response.headers()["content-type"].to_str().is_ok_and(|kind| kind.starts_with("text/event-stream")));
        let (line, lines) = channel();
        thread::spawn(move || {
            for text in BufReader::new(response).lines().map_while(Result::ok) {
                if line.send(text).is_err() {
                    return;
                }
            }
        });
        let greeting = lines.recv_timeout(Duration::from_secs(10));
        assert_eq!(greeting.as_deref(), Ok(": connected"));
        Stream { lines }
    }
}

impl Stream {
    /// Whether a change of the matter is told in time.
    pub fn tells(&self, matter: &str, within: Duration) -> bool {
        let begun = Instant::now();
        while let Some(left) = within.checked_sub(begun.elapsed()) {
            match self.lines.recv_timeout(left) {
                Ok(line) if line.starts_with("data:") && line.contains(matter) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        false
    }

    /// The next line, if one comes in time; an error when the stream has ended.
    pub fn line(&self, within: Duration) -> Result<Option<String>, RecvTimeoutError> {
        match self.lines.recv_timeout(within) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(ended) => Err(ended),
        }
    }

    /// Whether the server ends the stream in time.
    pub fn ends(&self, within: Duration) -> bool {
        let begun = Instant::now();
        while let Some(left) = within.checked_sub(begun.elapsed()) {
            match self.lines.recv_timeout(left) {
                Ok(_) => {}
                Err(error) => return error == RecvTimeoutError::Disconnected,
            }
        }
        false
    }
}
