//! Everything that needs sockets: the library against the emulator.

#[path = "../../emulator/mod.rs"]
mod emulator;

#[path = "../../emulator/selftest/mod.rs"]
mod emulator_selftest;

// Marked as tests as a whole, so that clippy takes a panic in a helper for the report it is.
#[cfg(test)]
mod layers;

#[cfg(test)]
mod messages;

#[cfg(test)]
mod support;

#[cfg(test)]
mod sockets;

#[cfg(test)]
mod tls_records;

#[cfg(test)]
mod one_request;

#[cfg(test)]
mod connections;

#[cfg(test)]
mod rude_hosts;

#[cfg(test)]
mod rude_servers;

#[cfg(test)]
mod floods;

#[cfg(test)]
mod forgotten;

#[cfg(test)]
mod foreign_client;

#[cfg(test)]
mod get;

#[cfg(test)]
mod waiting;

#[cfg(test)]
mod watching;

#[cfg(test)]
mod proxies;

#[cfg(test)]
mod secrets;

#[cfg(test)]
mod downloads;

#[cfg(test)]
mod downloading;

#[cfg(test)]
mod downloading_faults;

#[cfg(test)]
mod downloading_limits;

#[cfg(test)]
mod downloading_at_random;

#[cfg(test)]
mod downloading_progress;

#[cfg(test)]
mod downloading_elsewhere;

#[cfg(test)]
mod downloading_files;

#[cfg(test)]
mod c_programs;
