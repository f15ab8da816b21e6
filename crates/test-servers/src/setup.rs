//! How a server is to run.

/// How a server is to run. The default is fast and forgets: what was committed outlives the server, not the machine.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Whether every commit waits for the disk, as the server does when nobody sets it up.
    pub durable: bool,
    /// Settings of the server by their own names. They win over those this crate makes, except for the port.
    pub settings: Vec<(String, String)>,
}

impl Setup {
    /// Lets every commit wait for the disk, as the server does when nobody sets it up. For benches.
    pub fn durable(mut self) -> Self {
        self.durable = true;
        self
    }

    /// Adds a setting of the server by its own name, such as `shared_buffers` or `innodb_buffer_pool_size`.
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// The arguments of the settings. The servers that take them so understand the same form, and let the last of a name win.
    pub(crate) fn into_arguments(self) -> impl Iterator<Item = String> {
        self.settings.into_iter().map(|(name, value)| format!("--{name}={value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Setup;

    #[test]
    fn settings_become_arguments_in_their_order() {
        let setup = Setup::default().setting("a", "1").setting("b_c", "2 MB");
        assert!(!setup.durable && setup.clone().durable().durable);
        assert_eq!(setup.into_arguments().collect::<Vec<_>>(), ["--a=1", "--b_c=2 MB"]);
    }
}
