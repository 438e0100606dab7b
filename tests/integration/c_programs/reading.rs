//! What bodies mean, and what numbers are called: without a network.

use super::Program;

#[test]
fn the_codes_of_a_parsed_body_are_those_of_the_contract() {
    Program::new("reading", "codes_are_those_of_the_contract").run();
}

#[test]
fn odd_bodies_are_understood() {
    Program::new("reading", "odd_bodies_are_understood").run();
}

#[test]
fn the_statuses_of_a_parsed_body_are_those_of_the_contract() {
    Program::new("reading", "statuses_are_those_of_the_contract").run();
}

#[test]
fn durations_are_understood_in_every_spelling() {
    Program::new("reading", "durations_are_understood").run();
}

#[test]
fn a_render_jobs_members_answer_through_the_same_accessors() {
    Program::new("reading", "a_render_jobs_members_answer_alike").run();
}

#[test]
fn every_number_has_a_name_and_a_description() {
    Program::new("reading", "names_and_descriptions_are_there_for_every_number").run();
}
