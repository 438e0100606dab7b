//! What is left of secrets in the host's memory.

use super::{Program, completed};
use crate::emulator::{Proxy, ProxyScript};

#[test]
fn no_copy_of_a_secret_outlives_its_use() {
    let emulator = completed();
    let proxy = Proxy::start(ProxyScript::default());
    Program::new("secrets", "no_secret_outlives_its_use")
        .against(&emulator)
        .with("PICTORY_TEST_PROXY", proxy.url().trim_start_matches("http://"))
        // It keeps what was freed, and copies of its own.
        .exempt_from_valgrind()
        .run();
    assert_eq!(emulator.requests().len(), 4);
}
