"""The batch: refunds and returns that were written to one file, for the merchant's bank to carry out."""

from tillway.domain.ids import MerchantId, PaymentId
from tillway.domain.statements import EntryId
from tillway.domain.values import value

MOST_LINES = 500
"""One batch has no more: it is begun in one transaction."""


@value
class CreditBatch:
    """A file of credit transfers out of one account; its id is the message id by which a bank knows it again.

    `amount` is the sum of its `line_count` lines, in minor units; `execution_on` a day since 1970.
    """

    id: str
    merchant_id: MerchantId
    account: str
    debtor_name: str
    currency: str
    amount: int
    line_count: int
    execution_on: int
    created_at: int


@value
class BatchLine:
    """One credit transfer of a batch: of a refund (`payment_id`), or of the return of an entry (`entry_id`).

    It is kept as it was written first, so that the same batch is always the same file.
    """

    batch_id: str
    number: int
    end_to_end_id: str
    payment_id: PaymentId
    entry_id: EntryId
    amount: int
    creditor_name: str
    creditor_iban: str
    creditor_bic: str
    remittance: str
