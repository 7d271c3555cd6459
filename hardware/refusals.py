"""Why a command is refused, and why what was under way without a session ended."""

from __future__ import annotations

from hardware.message import Count, Does, Message, Named, Part, Place, Title, says


@says("That needs a finger on the machine's own screen.")
def needs_own_screen() -> None: ...


@says("No session is running.")
def no_session() -> None: ...


@says("The session belongs to another screen.")
def session_of_another_screen() -> None: ...


@says("There is no program named {program}.")
def no_program(program: Named) -> None: ...


@says("The parts that {program} needs cannot be used now.")
def parts_unusable(program: Title) -> None: ...


@says("{program} takes {shortest} to {longest} minutes.")
def program_takes(program: Title, shortest: Count, longest: Count) -> None: ...


@says("Your sessions are at most {count} minutes.")
def your_minutes_at_most(count: Count) -> None: ...


@says("Your intensity is at most {level}.")
def your_intensity_at_most(level: Count) -> None: ...


@says("A person's answers are kept with them: only a guest's come with the start.")
def answered_twice() -> None: ...


@says("The machine is starting. Try again in a moment.")
def machine_starting() -> None: ...


@says("The machine is checking itself. Try again in a moment.")
def machine_checks_itself() -> None: ...


@says("A session is running already.")
def session_running() -> None: ...


@says("A session is paused: go on with it, or stop it first.")
def session_paused() -> None: ...


@says("The machine is being serviced. Stop that first.")
def machine_serviced() -> None: ...


@says("The air is still being let out. Try again in a moment.")
def air_being_let_out() -> None: ...


@says("Something is wrong with the machine. See the message on the screen.")
def machine_faulty() -> None: ...


@says("It was stopped.")
def it_was_stopped() -> None: ...


@says("{program} does not use this here: {kind}.")
def nothing_to_do_it_with(program: Title, kind: Does) -> None: ...


@says("{program} does not work here: {zone}.")
def does_not_work_there(program: Title, zone: Place) -> None: ...


@says("{program} is done without warmth.")
def done_without_warmth(program: Title) -> None: ...


@says("There is no kneading to stay with now.")
def nothing_to_linger_with() -> None: ...


@says("This machine does not have this part: {part}.")
def no_such_part(part: Part) -> None: ...


@says("The pads cannot be used now. {why}")
def pads_unusable(why: Message) -> None: ...


@says("No tuning has found anything that could be kept.")
def nothing_to_keep() -> None: ...


@says("One at a time: let go of the other output first.")
def one_at_a_time() -> None: ...


@says("That was long enough. Let go, and try again in a moment.")
def long_enough() -> None: ...


@says("The warmth of this hour is used up. Try again later.")
def heat_spent() -> None: ...


@says("A bag is not empty, or its sensor is far from zero: check it first.")
def cannot_zero() -> None: ...


@says("The controller was held up.")
def controller_held_up() -> None: ...


@says("The screen that asked for it has gone.")
def screen_has_gone() -> None: ...


@says("The cause is still there.")
def cause_still_there() -> None: ...


@says("The warmth of this hour is used up, so the pads rest.")
def pads_rest() -> None: ...


@says("The pads are being warmed for somebody. Stop that first.")
def pads_warmed_for_somebody() -> None: ...


@says("This machine has no pad there that could be warmed.")
def no_pad_there() -> None: ...


@says("The pads were warmed just now. You can start.")
def pads_warmed_just_now() -> None: ...
