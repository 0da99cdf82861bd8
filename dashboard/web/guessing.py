"""What keeps strangers from trying passwords and links, and their trying from taking the machine.

Every attempt is counted before its password is looked at, and passwords are looked at one after
another in a thread of their own that gives way to all others.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
import threading
from array import array
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

from dashboard.web.passwords import is_password_of
from screening.accounts import User
from screening.clock import Clock

FAILURES_ALLOWED = 5
"""Wrong passwords for one name from one address, or from one device, before a wait; OWASP suggests
three to five."""
FAILURE_WINDOW_S = 300.0
ACCOUNT_FAILURES_ALLOWED = 10
"""For one name from all addresses together; not counted are those where this person logged in."""
ACCOUNT_WINDOW_S = 600.0
_CELLS = 1 << 16
_REMEMBERED_ADDRESSES = 10_000

LINK_MISSES_ALLOWED = 30
"""Receipts' links that lead nowhere, tried from one address in a minute."""
LINK_LOOKS_ALLOWED = 600
"""Links that are looked up for one address in a minute, right ones that are opened first with
them: an office's visitors may all come through one."""
LINK_WINDOW_S = 60.0
_REMEMBERED_LINKS = 10_000

PLACES_ALLOWED = 100
"""People for whom places are asked for from one address in ten minutes: those on an office's own
network come through one, and so do many telephones of a mobile network."""
NETWORK_PLACES_ALLOWED = 400
PLACES_WINDOW_S = 600.0
_REMEMBERED_VISITS = 10_000

WAITING_AT_MOST = 16
"""With a password at a time the last of them waits for about half a second."""
GIVES_WAY = 10
"""The niceness of the thread: what a scan needs comes first."""


class Tally:
    """Counts attempts by key within a window of time, in a table whose size never grows.

    Keys that fall on the same cell share their count, so a flood of others may slow a key down but
    never makes it forgotten.
    """

    def __init__(self, clock: Clock, *, allowed: int, window_s: float) -> None:
        self._clock = clock
        self._allowed = allowed
        self._window_s = window_s
        self._lock = threading.Lock()
        self._counts = array("L", [0]) * _CELLS
        self._since_s = array("d", [0.0]) * _CELLS

    def take(self, key: Hashable, many: int = 1) -> float:
        """Count so many more: 0.0; or, where no more are allowed, the seconds until some are."""
        cell, now_s = hash(key) % _CELLS, self._clock.monotonic_s()
        with self._lock:
            left_s = self._since_s[cell] + self._window_s - now_s
            if not self._counts[cell] or left_s <= 0:
                self._counts[cell], self._since_s[cell] = many, now_s
                return 0.0
            if self._counts[cell] >= self._allowed:
                return left_s
            self._counts[cell] += many
            return 0.0

    def give_back(self, key: Hashable, many: int = 1) -> None:
        """So many of those that were counted were none."""
        cell = hash(key) % _CELLS
        with self._lock:
            self._counts[cell] = max(0, self._counts[cell] - many)

    def forget(self, key: Hashable) -> None:
        """None were."""
        with self._lock:
            self._counts[hash(key) % _CELLS] = 0


class LoginBrake:
    """Counts attempts in memory; too many within a window make the next one wait.

    One who has logged in before, from this address or by this device, waits for nobody else's
    mistakes. Safe to use from any thread.
    """

    def __init__(self, clock: Clock) -> None:
        self._own = Tally(clock, allowed=FAILURES_ALLOWED, window_s=FAILURE_WINDOW_S)
        self._account = Tally(clock, allowed=ACCOUNT_FAILURES_ALLOWED, window_s=ACCOUNT_WINDOW_S)
        self._lock = threading.Lock()
        self._at_home: OrderedDict[tuple[str, str], None] = OrderedDict()

    def begin(self, name: str, place: str, *, is_device: bool = False) -> float:
        """Count an attempt: 0.0 where it is looked at, else the seconds to wait.

        ``place`` is an address, or a device that this person logged in by.
        """
        wait_s = self._own.take((name, place))
        if wait_s or is_device or self._is_at_home(name, place):
            return wait_s
        wait_s = self._account.take(name)
        if wait_s:
            self._own.give_back((name, place))
        return wait_s

    def withdraw(self, name: str, place: str, *, is_device: bool = False) -> None:
        """The attempt was not looked at."""
        self._own.give_back((name, place))
        if not is_device and not self._is_at_home(name, place):
            self._account.give_back(name)

    def succeeded(self, name: str, place: str, *, is_device: bool = False) -> None:
        """It was the right password: forget what this person mistyped, remember where."""
        self._own.forget((name, place))
        if is_device:
            return
        if not self._is_at_home(name, place):
            self._account.give_back(name)
        with self._lock:
            self._at_home[name, place] = None
            self._at_home.move_to_end((name, place))
            if len(self._at_home) > _REMEMBERED_ADDRESSES:
                self._at_home.popitem(last=False)

    def _is_at_home(self, name: str, address: str) -> bool:
        with self._lock:
            return (name, address) in self._at_home


class LinkBrake:
    """Counts links that lead nowhere, by address; a right one is opened all the same.

    ``link`` is whatever identifies one, such as its digest. One that was right before is never
    counted. Safe to use from any thread.
    """

    def __init__(self, clock: Clock) -> None:
        self._misses = Tally(clock, allowed=LINK_MISSES_ALLOWED, window_s=LINK_WINDOW_S)
        self._looks = Tally(clock, allowed=LINK_LOOKS_ALLOWED, window_s=LINK_WINDOW_S)
        self._lock = threading.Lock()
        self._right: OrderedDict[Hashable, None] = OrderedDict()

    def begin(self, address: str, link: Hashable) -> float:
        """0.0 where the link is looked up, else the seconds to wait."""
        with self._lock:
            if link in self._right:
                return 0.0
        return self._looks.take(address)

    def opened(self, link: Hashable) -> None:
        """It was a right one."""
        with self._lock:
            self._right[link] = None
            self._right.move_to_end(link)
            if len(self._right) > _REMEMBERED_LINKS:
                self._right.popitem(last=False)

    def missed(self, address: str) -> float:
        """It led nowhere: 0.0, or the seconds to wait where there were too many."""
        return self._misses.take(address)


class PlaceBrake:
    """Counts the places that the public asks for, by address and by network: whoever asks for many
    waits, so that nobody holds a whole day. Safe to use from any thread.

    A ``visit`` names one registration, which holds one place however often it is asked for.
    """

    def __init__(self, clock: Clock) -> None:
        self._address = Tally(clock, allowed=PLACES_ALLOWED, window_s=PLACES_WINDOW_S)
        self._network = Tally(clock, allowed=NETWORK_PLACES_ALLOWED, window_s=PLACES_WINDOW_S)
        self._lock = threading.Lock()
        self._counted: OrderedDict[str, int] = OrderedDict()

    def is_counted(self, visit: str, people: int) -> bool:
        """Whether this registration was counted for so many."""
        with self._lock:
            return self._counted.get(visit, 0) >= people

    def begin(self, address: str, visit: str, people: int) -> float:
        """Count a place for so many: 0.0 where it may be asked for, else the seconds to wait."""
        with self._lock:
            more = max(people - self._counted.get(visit, 0), 1)
        wait_s = self._address.take(address, more)
        if wait_s:
            return wait_s
        wait_s = self._network.take(network_of(address), more)
        if wait_s:
            self._address.give_back(address, more)
            return wait_s
        with self._lock:
            self._counted[visit] = max(people, self._counted.get(visit, 0))
            self._counted.move_to_end(visit)
            if len(self._counted) > _REMEMBERED_VISITS:
                self._counted.popitem(last=False)
        return 0.0


def network_of(address: str) -> str:
    """What one subscriber or a small house usually has: 256 addresses, a /48 of IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return network_of(str(found.ipv4_mapped))
        return str(ip_network((int(found), 48), strict=False))
    return str(ip_network((int(found), 24), strict=False))


class LineFull(Exception):
    """Too many passwords wait to be looked at."""


@dataclass(eq=False)
class _Waiting:
    user: User | None
    password: str
    address: str
    is_known: bool
    answer: Future[bool] = field(default_factory=Future)


class PasswordLine:
    """Looks at one password after the other. Devices that are known come first, then addresses
    with few waiting; those who can wait least well are turned away when the line is full."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._is_working = False

    async def is_password_of(
        self, user: User | None, password: str, *, address: str, is_known: bool
    ) -> bool:
        """Whether it fits; as slow for a user who does not exist. Raises LineFull."""
        waiting = _Waiting(user, password, address, is_known)
        with self._lock:
            self._join(waiting)
            if not self._is_working:
                self._is_working = True
                threading.Thread(target=self._work, name="passwords", daemon=True).start()
        return await asyncio.wrap_future(waiting.answer)

    def is_full_for(self, address: str, *, is_known: bool) -> bool:
        """Whether a password from there would be turned away now: its user need not be read."""
        newest = _Waiting(None, "", address, is_known)
        with self._lock:
            waiting = [*self._waiting, newest]
            return len(waiting) > WAITING_AT_MOST and _last(waiting) is newest

    def _join(self, newest: _Waiting) -> None:
        self._waiting.append(newest)
        if len(self._waiting) <= WAITING_AT_MOST:
            return
        last = _last(self._waiting)
        self._waiting.remove(last)
        if last is newest:
            raise LineFull
        last.answer.set_exception(LineFull())

    def _next(self) -> _Waiting | None:
        with self._lock:
            if not self._waiting:
                self._is_working = False
                return None
            first = min(self._waiting, key=_order(self._waiting))
            self._waiting.remove(first)
            return first

    def _work(self) -> None:
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GIVES_WAY)
        while (one := self._next()) is not None:
            if one.answer.set_running_or_notify_cancel():
                one.answer.set_result(is_password_of(one.user, one.password))


def _order(waiting: Sequence[_Waiting]) -> Callable[[_Waiting], tuple[bool, int]]:
    """A key that is least for whoever is next."""
    of_address = Counter(one.address for one in waiting)
    return lambda one: (not one.is_known, of_address[one.address])


def _last(waiting: Sequence[_Waiting]) -> _Waiting:
    """Who is turned away first."""
    return max(reversed(waiting), key=_order(waiting))


def device_token(user: User) -> str:
    """A token that says for the browser that keeps it: this person has logged in by it.

    It is worth nothing any more when the password is changed.
    """
    name = secrets.token_urlsafe(12)
    return f"{name}.{_seal(user, name)}"


def device_of(user: User | None, token: str) -> str | None:
    """The device's name, None where the token is not of this user."""
    name, _, seal = token.partition(".")
    if user is None or not hmac.compare_digest(seal.encode(), _seal(user, name).encode()):
        return None
    return name


def _seal(user: User, device: str) -> str:
    # The password's hash is known to this office only, and changes with the password.
    key = hashlib.sha256(f"device of {user.password_hash}".encode()).digest()
    return hmac.new(key, f"{user.name}\n{device}".encode(), hashlib.sha256).hexdigest()
