"""A feed's lines become sentences with the right time and station, and every line ends in exactly one place."""

import pytest

from alerts.core.instants import HOUR, SECOND
from streams.nmea import FeedRules, LineReader, NoSentence, Output, Reject
from streams.sentences import Sentence, TimeRecord
from tests.streams.lines import at, checked, gps, parts, report, stamp_before, tagged

MORNING = at("08:00:00")


def read(*lines: bytes, rules: FeedRules | None = None, **named: object) -> list[Output]:
    """All output of a file of these lines."""
    reader = LineReader(rules or FeedRules("hormuz", **named))  # type: ignore[arg-type]
    return [*reader.read(lines), *reader.finish()]


def sentences(output: list[Output]) -> list[Sentence]:
    return [one for one in output if isinstance(one, Sentence)]


def rejects(output: list[Output]) -> list[tuple[NoSentence, bytes]]:
    return [(one.reason, one.line) for one in output if isinstance(one, Reject)]


def records(output: list[Output]) -> list[TimeRecord]:
    return [one for one in output if isinstance(one, TimeRecord)]


def times(output: list[Output]) -> list[int]:
    return [one.heard_at for one in sentences(output)]


def file_at(*clocks: str) -> list[bytes]:
    """One report of a different message at each time."""
    return [tagged(report(spice=n), at(clock)) for n, clock in enumerate(clocks)]


class TestForms:
    """Each way to say when a line was heard."""

    @pytest.mark.parametrize("when", [MORNING, MORNING + 123])
    def test_tag_block_in_seconds_and_milliseconds(self, when: int) -> None:
        assert times(read(tagged(report(), when))) == [when]

    def test_tag_block_names_the_station_and_is_not_passed_on(self) -> None:
        (one,) = sentences(read(tagged(report(), MORNING, "busan")))
        assert one == Sentence(report(), "busan", MORNING, MORNING)

    def test_a_line_without_station_has_the_feeds(self) -> None:
        assert sentences(read(tagged(report(), MORNING)))[0].station == "hormuz"
        assert sentences(read(tagged(report(), MORNING), station="mast"))[0].station == "mast"

    def test_a_tag_block_with_a_wrong_checksum_says_nothing(self) -> None:
        good = tagged(report(), MORNING, "busan")
        spoilt = good.replace(b"s:busan", b"s:bUsan")
        assert rejects(read(spoilt)) == [(NoSentence.NO_TIME, spoilt)]

    @pytest.mark.parametrize(
        "block",
        [b"c:1420030798*00", b"g:1-2-9999,c:1565218798*53"],
        ids=["always 00", "g put before a finished block"],
    )
    def test_tag_blocks_of_programs_that_sum_up_otherwise(self, block: bytes) -> None:
        assert len(sentences(read(b"\\" + block + b"\\" + report()))) == 1

    def test_epoch_behind_the_sentence(self) -> None:
        assert times(read(report() + b",%d" % (MORNING // SECOND))) == [MORNING]

    def test_us_network_names_station_and_epoch_among_other_fields(self) -> None:
        line = report() + b",d-088,S1811,t050248.00,T48.29708209,r003669945,%d,1325394109" % (MORNING // SECOND)
        (one,) = sentences(read(line))
        assert (one.text, one.station, one.heard_at) == (report(), "r003669945", MORNING)

    def test_several_numbers_without_station_the_first_is_the_time(self) -> None:
        line = report() + b",%d,%d" % (MORNING // SECOND, MORNING // SECOND + 89)
        assert times(read(line)) == [MORNING]

    @pytest.mark.parametrize("factor", [1, 1_000, 1_000_000], ids=["ms", "us", "ns"])
    def test_epoch_before_the_sentence(self, factor: int) -> None:
        assert times(read(b"%d %s\r" % ((MORNING + 167) * factor, report()))) == [MORNING + 167]

    def test_pghp_line_before(self) -> None:
        (one,) = sentences(read(stamp_before(report(), "08:00:05"), report()))
        assert (one.heard_at, one.station) == (at("08:00:05"), "2190067")

    def test_pghp_means_the_sentence_with_its_checksum_though_another_came_between(self) -> None:
        other = report(spice=1)
        first, second = stamp_before(report(), "08:00:05"), stamp_before(other, "08:00:07")
        output = read(first, second, report(), other)
        assert times(output) == [at("08:00:05"), at("08:00:07")]

    def test_with_pghp_a_suffix_in_ms_is_the_arrival(self) -> None:
        arrival = at("08:27:30") + 5
        lines = [stamp_before(report(), "08:00:05") + b",%d" % arrival, report() + b",%d" % arrival]
        (one,) = sentences(read(*lines))
        assert (one.heard_at, one.received_at) == (at("08:00:05"), arrival)

    def test_gps_on_the_wire_is_the_clock_of_the_lines_after_it(self) -> None:
        output = read(gps("08:00:00"), report(), gps("08:00:02"), report(spice=1), report(spice=2))
        assert times(output) == [MORNING, at("08:00:02"), at("08:00:02")]

    @pytest.mark.parametrize("clock", [gps("08:00:00", status="V"), gps("08:00:00").replace(b"183.2", b"183.3")])
    def test_gps_without_fix_or_with_a_bad_checksum_is_no_clock(self, clock: bytes) -> None:
        assert rejects(read(clock, report())) == [(NoSentence.NO_TIME, report())]

    @pytest.mark.parametrize("field", [b"c:0", b"c:99999999999999999999", b"c:-5", b"c:nan", b"c:"])
    def test_an_impossible_epoch_is_none(self, field: bytes) -> None:
        line = b"\\" + checked(b"." + field)[1:] + b"\\" + report()
        assert rejects(read(line)) == [(NoSentence.NO_TIME, line)]


class TestUntimed:
    """Lines without any time."""

    def test_a_files_line_takes_the_last_time_seen(self) -> None:
        output = read(*file_at("08:00:00", "08:00:01", "08:00:02"), report(spice=9))
        assert times(output)[-1] == at("08:00:02")

    def test_before_any_time_it_is_rejected(self) -> None:
        assert rejects(read(report())) == [(NoSentence.NO_TIME, report())]

    def test_or_heard_at_the_start_that_the_operator_gave(self) -> None:
        output = read(report(), start=MORNING)
        assert times(output) == [MORNING]
        assert records(output)[-1].reached == MORNING

    def test_live_it_was_heard_when_it_was_received(self) -> None:
        reader = LineReader(FeedRules("hormuz"))
        assert sentences(reader.read([report()], MORNING)) == [Sentence(report(), "hormuz", MORNING, MORNING)]


class TestJumps:
    """A time more than an hour off is believed when three lines agree."""

    STEADY = ("08:00:00", "08:00:01", "08:00:02")

    def test_a_single_line_far_off_takes_the_last_time(self) -> None:
        output = read(*file_at(*self.STEADY, "11:00:00", "08:00:03"))
        assert sorted(times(output)) == [at("08:00:00"), at("08:00:01"), *[at("08:00:02")] * 1, *[at("08:00:03")] * 2]

    @pytest.mark.parametrize("hour", ["11", "05"], ids=["forward", "back"])
    def test_three_that_agree_are_believed_and_keep_their_own_times(self, hour: str) -> None:
        jump = [f"{hour}:00:00", f"{hour}:00:07", f"{hour}:00:09"]
        assert times(read(*file_at(*self.STEADY, *jump)))[-3:] == [at(clock) for clock in jump]

    def test_two_are_not(self) -> None:
        output = read(*file_at(*self.STEADY, "11:00:00", "11:00:07"))
        assert times(output)[-2:] == [at("08:00:02")] * 2

    def test_an_hour_is_no_jump(self) -> None:
        assert times(read(*file_at(*self.STEADY, "09:00:02")))[-1] == at("09:00:02")

    def test_the_same_line_three_times_is_one_witness(self) -> None:
        pasted = [tagged(report(spice=50), at("03:00:00"))] * 3
        assert times(read(*file_at(*self.STEADY), *pasted))[-3:] == [at("08:00:02")] * 3

    def test_three_lines_under_one_reading_of_a_wrong_gps_are_one_witness(self) -> None:
        lines = [gps("08:00:00"), report(spice=1), gps("08:00:02"), report(spice=2), gps("08:00:04"), report(spice=3)]
        rogue = [gps("14:02:57", date="030313"), *(report(spice=n) for n in range(10, 20))]
        assert times(read(*lines, *rogue))[-10:] == [at("08:00:04")] * 10

    def test_lines_with_a_bad_checksum_agree_with_nobody(self) -> None:
        spoilt = [line.replace(b"AIVDM", b"ABVDM") for line in file_at("11:00:00", "11:00:01", "11:00:02")]
        output = read(*file_at(*self.STEADY), *spoilt)
        assert times(output)[-3:] == [at("08:00:02")] * 3
        assert records(output)[-1].reached == at("08:00:02")

    def test_a_wrong_clock_at_the_very_beginning_is_no_beginning(self) -> None:
        output = read(*file_at("03:00:00", *self.STEADY))
        assert [one.reached for one in records(output)] == [at("07:59:50"), at("08:00:02")]

    def test_one_stations_wrong_clock_does_not_move_a_feed_of_several(self) -> None:
        lines = []
        for n in range(0, 50, 2):
            lines.append(tagged(report(spice=n), MORNING + n * SECOND, "busan"))
            lines.append(tagged(report(spice=n + 1), MORNING + n * SECOND + 9 * HOUR, "pusan"))
        output = read(*lines)
        assert records(output)[-1].reached == MORNING + 48 * SECOND
        assert max(times(output)) == MORNING + 48 * SECOND

    def test_after_a_gap_a_feed_of_several_is_believed_again(self) -> None:
        before = [tagged(report(spice=n), MORNING, station) for n, station in enumerate(("busan", "ulsan", "busan"))]
        after = [
            tagged(report(spice=9 + n), MORNING + 5 * HOUR + n, s) for n, s in enumerate(("ulsan", "ulsan", "busan"))
        ]
        assert times(read(*before, *after))[-3:] == [MORNING + 5 * HOUR + n for n in range(3)]

    def test_a_late_feeds_steps_back_are_late_data(self) -> None:
        late = {"late": True, "lateness_ms": 2 * HOUR}
        assert times(read(*file_at(*self.STEADY, "06:10:00"), **late))[-1] == at("06:10:00")
        assert times(read(*file_at(*self.STEADY, "05:10:00"), **late))[-1] == at("08:00:02")

    def test_at_the_end_of_a_file_too_short_to_agree_lines_keep_their_times(self) -> None:
        assert times(read(*file_at("08:00:00", "11:00:00")))[0] == at("08:00:00")


class TestLive:
    """Live, a line's time is measured by its arrival."""

    def live(self, *lines: tuple[bytes, int]) -> list[Output]:
        reader = LineReader(FeedRules("hormuz"))
        return [one for line, received in lines for one in reader.read([line], received)]

    def test_a_time_near_the_arrival_is_believed_at_once(self) -> None:
        assert times(self.live((tagged(report(), at("07:10:00")), MORNING))) == [at("07:10:00")]

    def test_nothing_is_heard_later_than_it_was_received(self) -> None:
        for clock in ("08:00:04", "19:00:00"):
            assert times(self.live((tagged(report(), at(clock)), MORNING))) == [MORNING]

    def test_an_archive_played_over_the_network_is_believed_after_three_lines(self) -> None:
        old = [tagged(report(spice=n), MORNING + n * SECOND) for n in range(5)]
        output = self.live(*((line, MORNING + 9_000 * HOUR + 100 * n) for n, line in enumerate(old)))
        assert times(output) == [MORNING + n * SECOND for n in range(5)]

    def test_a_wrong_clock_is_not_waited_for_for_ever(self) -> None:
        reader = LineReader(FeedRules("hormuz"))
        reader.read([tagged(report(), MORNING)], MORNING)
        assert reader.read([tagged(report(spice=1), MORNING - 9 * HOUR)], MORNING + 1 * SECOND) == []
        assert times(reader.read([], MORNING + 7 * SECOND)) == [MORNING + 1 * SECOND]


class TestGroups:
    """Messages of several parts."""

    def test_parts_are_joined_whatever_comes_between(self) -> None:
        first, second = (tagged(part, MORNING) for part in parts())
        (own,) = [one for one in sentences(read(first, tagged(report(), MORNING), second)) if b"\n" in one.text]
        assert own.text == b"\n".join(parts())

    def test_the_later_part_often_has_only_its_group(self) -> None:
        first, second = parts()
        lines = [tagged(first, MORNING, "busan", b"1-2-8479"), tagged(second, group=b"2-2-8479")]
        assert sentences(read(*lines)) == [Sentence(first + b"\n" + second, "busan", MORNING, MORNING)]

    def test_two_stations_same_sequence_each_its_own(self) -> None:
        one, two = parts(spice=1), parts(spice=2)
        lines = [
            tagged(part, MORNING, s) for pair in zip(one, two, strict=True) for part, s in zip(pair, "AB", strict=True)
        ]
        assert [s.text for s in sentences(read(*lines))] == [b"\n".join(one), b"\n".join(two)]

    def test_a_second_part_without_the_stations_name_still_joins(self) -> None:
        first, second = parts()
        assert len(sentences(read(tagged(first, MORNING, "busan"), second))) == 1
        assert len(sentences(read(tagged(report(), MORNING), first, tagged(second, MORNING, "busan")))) == 2

    @pytest.mark.parametrize("other", [{"sequence": 4}, {"channel": b"B"}, {"total": 3}])
    def test_parts_of_different_messages_do_not_join(self, other: dict[str, object]) -> None:
        first, second = tagged(parts()[0], MORNING), tagged(parts(**other)[1], MORNING)  # type: ignore[arg-type]
        assert {reason for reason, _ in rejects(read(first, second))} == {NoSentence.INCOMPLETE}

    def test_a_group_that_is_begun_again_ends_the_first(self) -> None:
        one, two = ([tagged(part, MORNING) for part in parts(spice=n)] for n in (1, 2))
        output = read(one[0], *two)
        assert rejects(output) == [(NoSentence.INCOMPLETE, one[0])]
        assert len(sentences(output)) == 1

    def test_every_line_of_a_group_that_never_completes_is_rejected(self) -> None:
        lines = [tagged(part, MORNING) for part in parts(total=3)[:2]]
        assert rejects(read(*lines)) == [(NoSentence.INCOMPLETE, line) for line in lines]

    def test_the_rest_is_waited_for_for_five_seconds(self) -> None:
        def joined(clock: str) -> int:
            first, second = (tagged(part, MORNING) for part in parts())
            output = read(*file_at("08:00:00", "08:00:00", "08:00:00"), first, *file_at(clock), second)
            return sum(b"\n" in one.text for one in sentences(output))

        assert joined("08:00:05") == 1
        assert joined("08:00:06") == 0

    def test_open_groups_are_bounded(self) -> None:
        lines = [tagged(parts()[0], MORNING, group=b"1-2-%d" % n) for n in range(3_000)]
        reader = LineReader(FeedRules("hormuz"))
        reader.read(lines)
        assert reader.counts.rejected[NoSentence.INCOMPLETE] >= 1_999


class TestKinds:
    """What is AIS, what is spoilt AIS, and what is something else."""

    @pytest.mark.parametrize("talker", [b"AI", b"AB", b"BS", b"SA", b"B2", b"--"])
    def test_odd_talkers_are_ais(self, talker: bytes) -> None:
        assert len(sentences(read(tagged(report(talker=talker), MORNING)))) == 1

    @pytest.mark.parametrize(
        "line",
        [
            b"!=IVDM,1,1,,B,177WDp000q`E@1WlJ?fl5Rf40<0p,0*23",
            b"!=IV>l",
            b"IVDM,1,1,,B,177WDp000q`E@1WlJ?fl5Rf40<0p,0*23",
            b"!AIVDM,0,1,,B,177WDp000q`E@1WlJ?fl5Rf40<0p,0*23",
            b"!AIVDM,2,3,1,B,177WDp000q`E@1WlJ?fl5Rf40<0p,0*23",
            b"\\s:busan,c:17069472!AIVDM,1,1,,B,177WDp000q`E@1WlJ?fl5Rf40<0p,0*23",
        ],
    )
    def test_spoilt_ais_is_rejected(self, line: bytes) -> None:
        assert rejects(read(line)) == [(NoSentence.MALFORMED, line)]

    @pytest.mark.parametrize(
        "line",
        [
            b"",
            b"\r",
            b"# !AIVDM in a comment",
            b"$GPGGA,1*00",
            b"\\si:AISD*3F\\",
            b"!AIPWR,1*00",
            b",1541030400",
            b"\x00\xff",
        ],
    )
    def test_the_rest_is_other(self, line: bytes) -> None:
        reader = LineReader(FeedRules("hormuz"))
        assert reader.read([line]) == []
        assert (reader.counts.lines, reader.counts.other) == (1, 1)

    def test_a_bad_checksum_is_passed_on_but_moves_no_time(self) -> None:
        bad = tagged(report(), at("08:00:30")).replace(b"AIVDM", b"ABVDM")
        output = read(*file_at("08:00:00", "08:00:01", "08:00:02"), bad)
        assert times(output)[-1] == at("08:00:30")
        assert records(output)[-1].reached == at("08:00:02")

    def test_an_endless_line_is_oversized(self) -> None:
        assert rejects(read(b"!" * 4_097)) == [(NoSentence.OVERSIZED, b"!" * 4_097)]
        assert rejects(read(b"!" * 4_096)) == [(NoSentence.MALFORMED, b"!" * 4_096)]


class TestTimeRecords:
    """`feed F has reached T`, for every ten seconds of event time."""

    def test_one_for_every_new_ten_seconds_behind_its_sentence(self) -> None:
        output = read(*file_at("08:00:00", "08:00:03", "08:00:09", "08:00:11", "08:00:12"))
        kinds = "".join("s" if isinstance(one, Sentence) else "T" for one in output)
        assert kinds == "sTsssTsT"
        assert [one.reached for one in records(output)] == [at("07:59:50"), at("08:00:01"), at("08:00:12")]
        assert [one.ended for one in records(output)] == [False, False, True]

    def test_they_carry_the_feeds_settings(self) -> None:
        rules = FeedRules("sat", late=True, lateness_ms=2 * HOUR, outage_limit_ms=None)
        first = records(read(tagged(report(), MORNING), rules=rules))[0]
        assert first == TimeRecord("sat", MORNING - 2 * HOUR, True, 2 * HOUR, None)

    def test_a_gap_in_event_time_is_no_more_than_two_neighbouring_records(self) -> None:
        output = read(*file_at("08:00:00", "08:00:01", "08:00:02", "08:40:00"))
        assert [one.reached for one in records(output)[:2]] == [at("07:59:50"), at("08:39:50")]

    def test_a_feed_without_any_time_has_none(self) -> None:
        assert records(read(b"# nothing")) == []
