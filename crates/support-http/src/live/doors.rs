//! How many streams each person has open.

use crate::{problem::Problem, rates::Principal};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts who is inside.
pub(super) struct Doors {
    most: usize,
    inside: Mutex<HashMap<Principal, usize>>,
}

/// A place inside, until it is dropped.
pub(super) struct Slot {
    doors: Arc<Doors>,
    who: Principal,
}

impl Doors {
    pub(super) fn new(most: usize) -> Self {
        Self { most, inside: Mutex::default() }
    }

    fn inside(&self) -> MutexGuard<'_, HashMap<Principal, usize>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets somebody in, if they are not in too often already.
    pub(super) fn enter(self: &Arc<Self>, who: Principal) -> Result<Slot, Problem> {
        let mut inside = self.inside();
        let count = inside.entry(who.clone()).or_default();
        if *count >= self.most {
            if self.most == 0 {
                inside.remove(&who);
            }
            return Err(Problem::too_many_streams(self.most));
        }
        *count += 1;
        drop(inside);
        metrics::gauge!("support_http_streams").increment(1.0);
        Ok(Slot { doors: self.clone(), who })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut inside = self.doors.inside();
        if let Some(count) = inside.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                inside.remove(&self.who);
            }
        }
        metrics::gauge!("support_http_streams").decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_leaves_makes_room_and_is_forgotten() {
        let doors = Arc::new(Doors::new(2));
        let who = |name: &str| Principal::System(name.to_owned());
        let (one, two) = (doors.enter(who("a")), doors.enter(who("a")));
        assert!(doors.enter(who("a")).is_err() && doors.enter(who("b")).is_ok());
        drop(one);
        assert!(doors.enter(who("a")).is_ok());
        drop(two);
        assert!(doors.inside().is_empty());
        let shut = Arc::new(Doors::new(0));
        assert!(shut.enter(who("a")).is_err() && shut.inside().is_empty());
    }
}
