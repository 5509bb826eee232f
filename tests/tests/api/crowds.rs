//! Too many at once, and those who come and don't go on: nobody else waits for them.

use crate::drill::{OFFICE, OFFICER, Sent, times};
use std::{
    env,
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tests::{City, soon};

/// Someone who keeps the database from taking changes, until dropped.
struct Hold(Child);

impl Hold {
    fn of(city: &City) -> Self {
        let mut command = match city.database_url.strip_prefix("sqlite://") {
            Some(path) => {
                let mut command = Command::new("sqlite3");
                command.arg(path.split('?').next().unwrap_or(path));
                command
            }
            None => {
                let mut command = Command::new(env::var_os("LIANDONG_TEST_PSQL").unwrap_or_else(|| "psql".into()));
                command.arg(&city.database_url).args(["-Atq", "--no-psqlrc"]);
                command
            }
        };
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the database's own program starts");
        let held = if city.database_url.starts_with("sqlite") { "BEGIN IMMEDIATE;" } else { "BEGIN; LOCK TABLE event IN ACCESS EXCLUSIVE MODE;" };
        let input = child.stdin.as_mut().expect("a pipe");
        writeln!(input, "{held} SELECT 'held';").expect("it reads");
        let mut said = String::new();
        BufReader::new(child.stdout.as_mut().expect("a pipe")).read_line(&mut said).expect("it answers");
        assert_eq!(said.trim(), "held");
        Self(child)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // The end of its input ends it, and its transaction with it.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

#[test]
fn more_than_a_node_can_do_is_refused_at_once_and_the_rest_is_done() {
    let city = City::start().expect("a city starts");
    city.person(OFFICE).token();
    let hold = Hold::of(&city);
    let mut sent: Vec<Sent> = (0..400).map(|n| Sent::task(&format!("同时到达的第{n}件"))).collect();
    let begun = Instant::now();
    thread::scope(|scope| {
        for one in &mut sent {
            let city = &city;
            thread::Builder::new().stack_size(256 << 10).spawn_scoped(scope, move || one.to(city)).expect("a thread starts");
        }
        // Sixty-four are worked on and 192 wait by then.
        thread::sleep(Duration::from_secs(3));
        drop(hold);
    });
    let (done, refused): (Vec<_>, Vec<_>) = sent.iter().partition(|one| one.is_settled());
    let statuses = || sent.iter().map(|one| (one.answer.as_ref().map(|(status, _)| *status), one.took)).collect::<Vec<_>>();
    assert!(refused.iter().filter(|one| one.took < Duration::from_secs(2)).count() >= 100, "{:?}", statuses());
    assert!(done.len() >= 200, "{:?}", statuses());
    assert!(done.iter().all(|one| one.answer.as_ref().is_some_and(|(status, _)| *status == 201)), "{:?}", statuses());
    let made = city.sql("SELECT count(*) FROM matter WHERE title LIKE '断电演练%同时到达%'").expect("a count");
    assert_eq!(made, done.len().to_string(), "what was refused was not done ({:?})", begun.elapsed());
    // And then it is a day like others.
    let mut next = Sent::task("之后的一件");
    next.to(&city);
    assert!(next.is_settled());
}

/// A connection by hand.
fn connected(city: &City) -> TcpStream {
    let address = city.base.trim_start_matches("http://");
    let stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
    stream
}

/// What comes until the server closes the connection; none when it keeps it open.
fn until_closed(mut stream: &TcpStream, within: Duration) -> Option<String> {
    stream.set_read_timeout(Some(within)).expect("a socket");
    let mut said = Vec::new();
    match stream.read_to_end(&mut said) {
        Ok(_) => Some(String::from_utf8_lossy(&said).into_owned()),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => None,
        // Closed with something of ours unread.
        Err(_) => Some(String::new()),
    }
}

#[test]
fn slow_half_closed_and_idle_clients_keep_nobody_waiting() {
    let city = City::start().expect("a city starts");
    let (office, officer, stranger) = (city.person(OFFICE), city.person(OFFICER), city.person("df-tobacco.handler"));
    let (token, path) = (stranger.token(), "/api/v1/matters");
    let said = |text: &str| {
        let mut stream = connected(&city);
        stream.write_all(text.as_bytes()).expect("the server reads");
        stream
    };
    // Half a header; half a body; a whole request from someone who says nothing more and one who reads nothing.
    let count = times(100, 1000);
    let headers: Vec<TcpStream> = (0..count).map(|_| said(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthori"))).collect();
    let begun = Instant::now();
    let half = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nIdempotency-Key: halfabody-1\r\nContent-Length: 5000\r\n\r\n{{"
    );
    let bodies: Vec<TcpStream> = (0..count).map(|_| said(&half)).collect();
    let closing: Vec<TcpStream> = (0..count)
        .map(|_| {
            let stream = said(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"));
            stream.shutdown(Shutdown::Write).expect("a socket");
            stream
        })
        .collect();
    // Pages that are open and hear nothing, since nothing concerns them.
    let streams: Vec<TcpStream> = (0..times(300, 10_000))
        .map(|_| {
            let stream = said(&format!("GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"));
            let mut lines = BufReader::new(&stream).lines();
            assert!(lines.any(|line| line.is_ok_and(|line| line == ": connected")), "the stream opens");
            stream
        })
        .collect();
    // Meanwhile others work as usual: each answer within what a person notices, on a machine that runs other tests beside.
    let heard = officer.listen();
    let mut slowest = Duration::ZERO;
    for round in 0..times(40, 400) {
        let asked = Instant::now();
        office.get("/matters?limit=50").ok();
        let mut sent = Sent::task(&format!("旁边有{count}个慢连接的第{round}件"));
        sent.to(&city);
        let id = sent.answer.as_ref().filter(|(status, _)| *status == 201).map(|(_, matter)| matter["id"].clone()).expect("a task");
        slowest = slowest.max(asked.elapsed());
        assert!(heard.tells(id.as_str().unwrap_or_default(), Duration::from_secs(3)), "the streams of others keep this one from hearing");
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    for stream in &closing {
        let answer = until_closed(stream, Duration::from_secs(10)).expect("an end: there is nothing more to ask");
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    // A header is waited for five seconds, a body twenty.
    for stream in &headers {
        assert!(until_closed(stream, Duration::from_secs(10)).is_some(), "half a header is waited for {:?}", begun.elapsed());
    }
    for stream in bodies.iter().take(times(1, count)) {
        let answer = until_closed(stream, Duration::from_secs(30)).expect("half a body is not waited for for ever");
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    drop(streams);
    soon(Duration::from_secs(20), "connections that were left are given up", || open_sockets(&city) < 50);
}

/// Sockets that the server has open.
fn open_sockets(city: &City) -> usize {
    let files = std::fs::read_dir(format!("/proc/{}/fd", city.server_pid())).into_iter().flatten().flatten();
    files.filter(|file| std::fs::read_link(file.path()).is_ok_and(|target| target.to_string_lossy().starts_with("socket:"))).count()
}
