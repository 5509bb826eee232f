//! A mail server that keeps what it is given: the few commands of RFC 5321 that a client sends who hands letters in.

use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

#[derive(Debug, Clone)]
pub struct Letter {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub message_id: String,
    pub content_type: String,
}

/// Runs until the test process ends.
#[derive(Clone)]
pub struct Letterbox {
    port: u16,
    letters: Arc<Mutex<Vec<Letter>>>,
    moved_in: Arc<AtomicBool>,
}

impl Letterbox {
    /// Addresses that begin with `unknown` are refused, until [`Letterbox::move_in`].
    pub fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let here = Self { port: listener.local_addr()?.port(), letters: Arc::default(), moved_in: Arc::default() };
        let box_ = here.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let box_ = box_.clone();
                // A client gone in the middle has handed nothing in.
                thread::spawn(move || drop(box_.talk(stream)));
            }
        });
        Ok(here)
    }

    /// For `--smtp-url`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Who was unknown can be reached from now on.
    pub fn move_in(&self) {
        self.moved_in.store(true, Ordering::Relaxed);
    }

    /// Letters to an address, oldest first.
    pub fn to(&self, address: &str) -> Vec<Letter> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).iter().filter(|letter| letter.to == address).cloned().collect()
    }

    /// The same, once there are as many as expected, or after ten seconds.
    pub fn wait_for(&self, address: &str, expected: usize) -> Vec<Letter> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) && self.to(address).len() < expected {
            thread::sleep(Duration::from_millis(50));
        }
        self.to(address)
    }

    fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut out = stream.try_clone()?;
        let mut lines = BufReader::new(stream).lines();
        let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes());
        say("220 letterbox")?;
        let mut receivers: Vec<String> = Vec::new();
        while let Some(line) = lines.next().transpose()? {
            let command = line.to_ascii_uppercase();
            if command.starts_with("RCPT TO:") {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                if address.starts_with("unknown") && !self.moved_in.load(Ordering::Relaxed) {
                    say("550 5.1.1 no such person here")?;
                } else {
                    receivers.push(address);
                    say("250 ok")?;
                }
            } else if command == "DATA" {
                say("354 go on")?;
                let mut message = Vec::new();
                for line in lines.by_ref() {
                    let line = line?;
                    if line == "." {
                        break;
                    }
                    message.push(line.strip_prefix('.').map_or(line.clone(), str::to_owned));
                }
                let letter = read(&message);
                let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
                letters.extend(receivers.drain(..).map(|to| Letter { to, ..letter.clone() }));
                drop(letters);
                say("250 kept")?;
            } else if command == "QUIT" {
                return say("221 bye");
            } else {
                say("250 ok")?;
            }
        }
        Ok(())
    }
}

/// Subject and text in plain characters.
fn read(message: &[String]) -> Letter {
    let end = message.iter().position(String::is_empty).unwrap_or(message.len());
    let (head, body) = message.split_at(end);
    // Folded lines of the head begin with a space (RFC 5322 §2.2.3).
    let head = head.join("\n").replace("\n ", " ").replace("\n\t", " ");
    let field = |name: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let text = match field("content-transfer-encoding").to_ascii_lowercase().as_str() {
        "base64" => STANDARD.decode(body.concat()).unwrap_or_default(),
        "quoted-printable" => quoted_printable::decode(body.join("\r\n"), quoted_printable::ParseMode::Robust).unwrap_or_default(),
        _ => body.join("\n").into_bytes(),
    };
    Letter {
        to: String::new(),
        subject: encoded_words(&field("subject")),
        text: String::from_utf8_lossy(&text).into_owned(),
        message_id: field("message-id"),
        content_type: field("content-type"),
    }
}

/// `=?utf-8?b?…?=` (RFC 2047), the only form the server's mail library writes for what isn't ASCII.
fn encoded_words(text: &str) -> String {
    let (mut plain, mut after_encoded) = (String::new(), true);
    for word in text.split(' ') {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
        // The space between two encoded words is none of the text's.
        let joined = plain.is_empty() || (after_encoded && encoded.is_some());
        if !joined {
            plain.push(' ');
        }
        match encoded {
            Some(encoded) => plain.push_str(&String::from_utf8_lossy(&STANDARD.decode(encoded).unwrap_or_default())),
            None => plain.push_str(word),
        }
        after_encoded = encoded.is_some();
    }
    plain
}
