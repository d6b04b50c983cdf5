//! Hooks on threads of their own: one that hangs holds up its account, and no other.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::{Answer, Delivery, Hook, deliver};

/// Threads that deliver, each with a hook of its own.
///
/// A task is with one of them at a time: while a hook hangs over it, it is not given to another. So an account whose
/// hook hangs takes one thread, and the others go on until as many accounts hang as there are threads. Threads end
/// when this is dropped; one that hangs ends with its hook, or with the process.
#[derive(Debug)]
pub struct Workers {
    queue: SyncSender<Delivery>,
    answers: Receiver<(Delivery, Answer)>,
    /// The keys that are with a thread, or wait for one.
    with_threads: BTreeSet<String>,
}

impl Workers {
    /// So many threads; a function makes the hook of each.
    pub fn new<H: Hook + Send + 'static>(threads: usize, mut make: impl FnMut() -> H) -> Self {
        let (queue, tasks) = sync_channel(threads.max(1));
        let (told, answers) = channel();
        let tasks = Arc::new(Mutex::new(tasks));
        for _ in 0..threads.max(1) {
            let (hook, tasks, told) = (make(), Arc::clone(&tasks), told.clone());
            thread::spawn(move || work(hook, &tasks, &told));
        }
        Self { queue, answers, with_threads: BTreeSet::new() }
    }

    /// Gives a task to a thread. False when it is with one already, or no thread is free: it was not sent, and its
    /// [`super::Outbox`] will say again when it is due.
    pub fn send(&mut self, delivery: Delivery) -> bool {
        if !self.with_threads.insert(delivery.key.clone()) {
            return false;
        }
        let key = delivery.key.clone();
        let sent = self.queue.try_send(delivery).is_ok();
        if !sent {
            self.with_threads.remove(&key);
        }
        sent
    }

    /// The answers that have come in.
    pub fn answers(&mut self) -> Vec<(Delivery, Answer)> {
        let answers: Vec<(Delivery, Answer)> = self.answers.try_iter().collect();
        self.free(&answers);
        answers
    }

    /// Waits for an answer, so long at most; those that have come in.
    pub fn wait(&mut self, at_most: Duration) -> Vec<(Delivery, Answer)> {
        let mut answers: Vec<(Delivery, Answer)> = self.answers.recv_timeout(at_most).into_iter().collect();
        answers.extend(self.answers.try_iter());
        self.free(&answers);
        answers
    }

    /// How many tasks are with threads, or wait for one.
    pub fn busy(&self) -> usize {
        self.with_threads.len()
    }

    fn free(&mut self, answers: &[(Delivery, Answer)]) {
        for (delivery, _) in answers {
            self.with_threads.remove(&delivery.key);
        }
    }
}

/// What a thread does until nobody gives it anything.
fn work(mut hook: impl Hook, tasks: &Mutex<Receiver<Delivery>>, told: &Sender<(Delivery, Answer)>) {
    loop {
        // The lock is held while waiting and given back before delivering.
        let next = tasks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(delivery) = next else { return };
        let answer = deliver(&mut hook, &delivery);
        if told.send((delivery, answer)).is_err() {
            return;
        }
    }
}
