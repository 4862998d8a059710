"""Every way to refuse a hook: a branch of the tree of `domain/refusals.py`.

HookRefusal
├── HookUnknown
├── ClientWithoutHooks
├── HookUrlRefused
└── TooManyHooks
"""

from tillway.domain.refusals import RecordRefusal


class HookRefusal(RecordRefusal):
    """The hook cannot be kept like this."""


class HookUnknown(HookRefusal):
    """The client has no hook with this number."""


class ClientWithoutHooks(HookRefusal):
    """Only clients of the payment orders API have hooks."""


class HookUrlRefused(HookRefusal):
    """A hook's address is https, with a host, without credentials; a sandbox also takes http on loopback."""


class TooManyHooks(HookRefusal):
    """The client has as many hooks as it may have."""
