//! Somebody else's library in Rust, for the check of the archive.

/// The sum of the numbers below `count`; of none it is -1, found out by a panic.
#[unsafe(no_mangle)]
pub extern "C" fn other_sum(count: i32) -> i32 {
    let numbers: Vec<i32> = (0..count).collect();
    std::panic::set_hook(Box::new(|_| ()));
    std::panic::catch_unwind(|| {
        assert!(!numbers.is_empty());
        numbers.iter().sum()
    })
    .unwrap_or(-1)
}
