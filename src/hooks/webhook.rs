//! A hook that posts deliveries to an address.

use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use ureq::Agent;

use super::{Answer, Delivery, Hook};
use crate::value::Decimal;

/// The header of the key and attempt: what came with the same one before must not be done twice.
pub const IDEMPOTENCY_HEADER: &str = "Idempotency-Key";
/// The header of the signature: `sha256=` and the HMAC of the body under the shared secret, in hexadecimal digits.
pub const SIGNATURE_HEADER: &str = "Ringfence-Signature";

/// How much of an answer is read, in bytes.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Posts each delivery as JSON, signed with a secret that the receiver knows too. The body says when it was sent
/// (`sent_at`), so that a receiver may refuse one that somebody has kept and sends again later.
///
/// The receiver answers 200 for what is done, 202 for what is under way, or 200 with a body that says more:
/// `{"status":"partial","remaining":"2"}`, `{"status":"accepted"}`, `{"status":"failed","text":"no liquidity"}`. A status
/// of 400 to 499 refuses for good, but for 408, 425 and 429. Everything else, and no answer in time, may have reached the
/// platform or not: it is sent again under the same key and attempt.
#[derive(Clone, Debug)]
pub struct Webhook {
    url: String,
    secret: Vec<u8>,
    agent: Agent,
}

/// What a body says beyond the status.
#[derive(Debug, Default, Deserialize)]
struct Said {
    status: Option<String>,
    remaining: Option<Decimal>,
    text: Option<String>,
}

impl Webhook {
    /// A hook that posts to an address and waits so long at most. `https` needs the feature `tls`.
    pub fn new(url: impl Into<String>, secret: impl Into<Vec<u8>>, at_most: Duration) -> Self {
        let config = Agent::config_builder().timeout_global(Some(at_most)).http_status_as_error(false).max_redirects(0).build();
        Self { url: url.into(), secret: secret.into(), agent: config.into() }
    }

    fn post(&self, delivery: &Delivery, body: &[u8]) -> Result<(u16, String), ureq::Error> {
        let mut response = self
            .agent
            .post(&self.url)
            .header("Content-Type", "application/json")
            .header(IDEMPOTENCY_HEADER, &format!("{}#{}", header_text(&delivery.key), delivery.attempt))
            .header(SIGNATURE_HEADER, &format!("sha256={}", signature(&self.secret, body)))
            .send(body)?;
        let text = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string()?;
        Ok((response.status().as_u16(), text))
    }
}

impl Hook for Webhook {
    fn deliver(&mut self, delivery: &Delivery) -> Answer {
        let Ok(body) = serde_json::to_vec(delivery) else { return Answer::Impossible("it has no form in JSON".into()) };
        match self.post(delivery, &body) {
            Ok((status @ 200..=299, text)) => answered(status, &text),
            Ok((408 | 425 | 429, _)) => Answer::Silence,
            Ok((status @ 400..=499, text)) => Answer::Impossible(format!("status {status}: {text}")),
            // It may have been taken, or not: only the same key again is safe.
            Ok(_) | Err(_) => Answer::Silence,
        }
    }
}

fn answered(status: u16, text: &str) -> Answer {
    let said: Said = match serde_json::from_str(text) {
        Ok(said) => said,
        // Half of an answer is none; a word in plain text says no more than the status.
        Err(_) if text.trim_start().starts_with('{') => return Answer::Silence,
        Err(_) => Said::default(),
    };
    match (said.status.as_deref(), said.remaining) {
        (Some("partial"), Some(remaining)) => Answer::Partial { remaining },
        (Some("failed"), _) => Answer::Failed(said.text.unwrap_or_default()),
        (Some("accepted"), _) => Answer::Accepted,
        (None | Some("done"), _) => {
            if status == 202 {
                Answer::Accepted
            } else {
                Answer::Done
            }
        }
        // What is said is not understood: nothing is concluded from it.
        _ => Answer::Silence,
    }
}

/// The HMAC with SHA-256 of a body, in hexadecimal digits (RFC 2104).
fn signature(secret: &[u8], body: &[u8]) -> String {
    // A key of any length is one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(body);
    mac.finalize().into_bytes().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A key within a header: what is no visible ASCII is percent-encoded.
fn header_text(key: &str) -> String {
    key.bytes().fold(String::new(), |mut text, byte| {
        let _ = if byte.is_ascii_graphic() || byte == b' ' { write!(text, "{}", char::from(byte)) } else { write!(text, "%{byte:02X}") };
        text
    })
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc::{Receiver, channel};
    use std::thread;

    use super::*;
    use crate::hooks::tests::delivery;

    /// What a receiver was sent: its head and its body.
    type Sent = (Vec<String>, Vec<u8>);

    /// A receiver that gives these answers in turn, one to a connection; nothing at all for an empty one.
    fn receiver(answers: Vec<String>) -> (String, Receiver<Sent>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/actions", listener.local_addr().unwrap());
        let (told, sent) = channel();
        thread::spawn(move || {
            for answer in answers {
                let (stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(&stream);
                let mut head = Vec::new();
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    if line.trim().is_empty() {
                        break;
                    }
                    head.push(line.trim().to_owned());
                }
                let length = head.iter().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
                let mut body = vec![0; length.unwrap()];
                reader.read_exact(&mut body).unwrap();
                told.send((head, body)).unwrap();
                (&stream).write_all(answer.as_bytes()).unwrap();
                if answer.is_empty() {
                    // It hangs until the other side has lost patience.
                    let _ = (&stream).read(&mut [0]);
                }
            }
        });
        (url, sent)
    }

    fn response(status: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
    }

    #[test]
    fn a_body_is_signed_as_the_standard_says() {
        // RFC 4231, test case 2.
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature(b"Jefe", b"what do ya want for nothing?"), expected);
    }

    #[test]
    fn the_receiver_is_told_what_to_do_under_which_key_and_by_whom() {
        let (url, sent) = receiver(vec![response("200 OK", "")]);
        let delivery = delivery("Ä/1");
        assert_eq!(Webhook::new(url, "secret", Duration::from_secs(20)).deliver(&delivery), Answer::Done);
        let (head, body) = sent.recv().unwrap();
        let header = |name: &str| {
            head.iter().find_map(|line| {
                line.split_once(": ").filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
            })
        };
        assert_eq!(header("idempotency-key").as_deref(), Some("%C3%84%2F1/event:e%2F1/funded/5%25 loss/0/0#1"));
        assert_eq!(header("ringfence-signature"), Some(format!("sha256={}", signature(b"secret", &body))));
        let told: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&told["key"], &told["attempt"]), (&delivery.key.as_str().into(), &1.into()));
    }

    #[test]
    fn each_status_is_the_answer_it_says() {
        let rows = [
            (response("200 OK", ""), Answer::Done),
            (response("200 OK", "thank you"), Answer::Done),
            (response("202 Accepted", ""), Answer::Accepted),
            (response("200 OK", r#"{"status":"partial","remaining":"2"}"#), Answer::Partial { remaining: 2.into() }),
            (response("200 OK", r#"{"status":"failed","text":"not today"}"#), Answer::Failed("not today".into())),
            (response("200 OK", r#"{"status":"accepted"}"#), Answer::Accepted),
            (response("200 OK", r#"{"status":"maybe"}"#), Answer::Silence),
            (response("200 OK", r#"{"status":"fail"#), Answer::Silence),
            (response("404 Not Found", "gone"), Answer::Impossible("status 404: gone".into())),
            (response("429 Too Many Requests", ""), Answer::Silence),
            (response("500 Internal Server Error", ""), Answer::Silence),
            (response("307 Temporary Redirect", ""), Answer::Silence),
            ("no HTTP at all\r\n\r\n".to_owned(), Answer::Silence),
        ];
        let (url, _sent) = receiver(rows.iter().map(|(answer, _)| answer.clone()).collect());
        let mut hook = Webhook::new(url, "secret", Duration::from_secs(20));
        for (answer, expected) in rows {
            assert_eq!(hook.deliver(&delivery("A")), expected, "{answer}");
        }
        // Nobody is there any more.
        assert_eq!(hook.deliver(&delivery("A")), Answer::Silence);
    }

    #[test]
    fn a_receiver_that_hangs_has_not_answered() {
        let (url, _sent) = receiver(vec![String::new()]);
        assert_eq!(Webhook::new(url, "secret", Duration::from_millis(200)).deliver(&delivery("A")), Answer::Silence);
    }
}
