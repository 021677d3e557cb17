// What each topic's events count as.

#include "tests/component/services/scoring/fixture.h"

namespace steward::scoring {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using LeadsEvent = leads::events::v1::LeadsEvent;
using OrdersEvent = orders::events::v1::OrdersEvent;
using ComplaintsEvent = complaints::events::v1::ComplaintsEvent;
using SlaEvent = sla::events::v1::SlaEvent;

class Facts : public ScoringTest {
 protected:
  eventing::Event Reopened(const std::string& opportunity, Time at) {
    LeadsEvent message;
    message.mutable_opportunity_reopened()->set_owner(kWang);
    return Event(kLeadsTopic, "opportunities/" + opportunity, message, at);
  }
  eventing::Event Registered(const std::string& ticket, Time at) {
    ComplaintsEvent message;
    auto* m = message.mutable_ticket_registered();
    m->set_kind("quality");
    m->add_kind_path("quality");
    m->add_kind_path("complaint");
    m->set_owner(kLi);
    m->set_team(kEast);
    m->set_customer("customers/acme");
    return Event(kComplaintsTopic, "complaints/" + ticket, message, at);
  }
  eventing::Event Clock(const std::string& clock, const SlaEvent& message, Time at) {
    return Event(kSlaTopic, "clocks/" + clock, message, at);
  }
  SlaEvent Started(Time at) {
    SlaEvent message;
    auto* m = message.mutable_clock_started();
    m->set_policy("policies/svc-001");
    m->set_owner(kLi);
    m->set_team(kEast);
    *m->mutable_start_time() = rpc::ToProto(at);
    return message;
  }
  SlaEvent Stopped(Time at, bool met) {
    SlaEvent message;
    message.mutable_clock_stopped()->set_met(met);
    *message.mutable_clock_stopped()->mutable_stop_time() = rpc::ToProto(at);
    return message;
  }
  SlaEvent Breached() {
    SlaEvent message;
    message.mutable_clock_breached()->set_threshold("breach");
    return message;
  }
};

TEST_F(Facts, AWinCountsForMemberTeamRegionCustomerAndCompany) {
  Apply({Won("o1", At("2026-03-05T10:00"), 1200), Won("o2", At("2026-03-06T10:00"), 300, kWang)});
  EXPECT_EQ(Total("won_count", kLi), "1");
  EXPECT_EQ(Total("won_amount", kLi), "CNY 1200");
  for (const char* subject : {kEast, "regions/east", "customers/acme", "company"}) {
    EXPECT_EQ(Total("won_amount", subject), "CNY 1500") << subject;
  }
  EXPECT_EQ(Total("won_amount", "company", "2026-03-06", "2026-03-06"), "CNY 300");
}

TEST_F(Facts, TwiceIsOnce) {
  const auto won = Won("o1", At("2026-03-05T10:00"), 1200);
  const auto reopened = Reopened("o1", At("2026-04-02T10:00"));
  Apply({won, won});
  Apply({won});
  EXPECT_EQ(Total("won_amount", kLi), "CNY 1200");
  Apply({reopened});
  Apply({won, reopened});
  EXPECT_EQ(Total("won_amount", kLi), "CNY 0");
  EXPECT_EQ(Total("won_amount", kLi, "2026-03-01", "2026-03-31"), "CNY 1200");
}

TEST_F(Facts, TheDayIsTheCompanysDay) {
  Apply({Won("o1", At("2026-04-01T00:30"), 100)});  // still March in UTC
  EXPECT_EQ(Total("won_amount", kLi, "2026-03-01", "2026-03-31"), "");
  EXPECT_EQ(Total("won_amount", kLi, "2026-04-01", "2026-04-30"), "CNY 100");
}

TEST_F(Facts, AReopeningTakesTheWinBackFromWhomItCountedFor) {
  Apply({Won("o1", At("2026-03-05T10:00"), 1200)});
  Apply({Reopened("o1", At("2026-04-02T10:00"))});
  EXPECT_EQ(Total("won_amount", kLi, "2026-03-01", "2026-03-31"), "CNY 1200");
  EXPECT_EQ(Total("won_amount", kLi, "2026-04-01", "2026-04-30"), "CNY -1200");
  EXPECT_EQ(Total("won_count", kWang), "") << "the new owner had no win";
  Apply({Won("o1", At("2026-04-05T10:00"), 900, kWang)});
  EXPECT_EQ(Total("won_amount", "company"), "CNY 900");
}

TEST_F(Facts, ALateEventCountsWhenItHappened) {
  Apply({Won("o1", At("2026-05-05T10:00"), 100)});
  Apply({Won("o2", At("2026-02-05T10:00"), 50)});
  EXPECT_EQ(Total("won_amount", kLi, "2026-02-01", "2026-02-28"), "CNY 50");
}

TEST_F(Facts, LeadsAndTouches) {
  LeadsEvent captured;
  captured.mutable_lead_captured()->set_channel("web");
  captured.mutable_lead_captured()->set_campaign("campaigns/c1");
  captured.mutable_lead_captured()->set_owner(kLi);
  LeadsEvent converted;
  converted.mutable_lead_converted()->set_owner(kWang);
  LeadsEvent touch;
  touch.mutable_touch_recorded()->set_kind("visit");
  touch.mutable_touch_recorded()->set_effective(true);
  touch.mutable_touch_recorded()->set_in_person(true);
  touch.mutable_touch_recorded()->set_member(kLi);
  const Time at = At("2026-03-05T10:00");
  Apply({Event(kLeadsTopic, "leads/l1", captured, at),
         Event(kLeadsTopic, "leads/l1", converted, at),
         Event(kLeadsTopic, "touches/t1", touch, at)});
  EXPECT_EQ(Total("leads_captured", kLi), "1");
  EXPECT_EQ(Total("leads_captured", kLi, "2026-01-01", "2026-12-31", "phone"), "");
  EXPECT_EQ(Total("campaign_leads_converted", kWang), "1");
  EXPECT_EQ(Total("leads_converted", "company", "2026-01-01", "2026-12-31", "web"), "1");
  EXPECT_EQ(Total("effective_touches", kLi), "1");
  EXPECT_EQ(Total("effective_visits", kLi), "1");
}

TEST_F(Facts, CampaignResultsAreTheLatest) {
  LeadsEvent message;
  auto* m = message.mutable_campaign_results_recorded();
  m->set_owner(kLi);
  *m->mutable_cost() = Cny(100);
  *m->mutable_end_time() = rpc::ToProto(At("2026-03-05T10:00"));
  Apply({Event(kLeadsTopic, "campaigns/c1", message, At("2026-03-06T10:00"))});
  *m->mutable_cost() = Cny(120);
  *m->mutable_revenue() = Cny(480);
  Apply({Event(kLeadsTopic, "campaigns/c1", message, At("2026-04-06T10:00"))});
  EXPECT_EQ(Total("campaign_cost", kLi, "2026-03-05", "2026-03-05"), "CNY 120");
  EXPECT_EQ(Total("campaign_revenue", kLi), "CNY 480");
}

TEST_F(Facts, SalesAreSignedContracts) {
  Apply({Signed("c1", "2026-03-05", 5000)});
  EXPECT_EQ(Total("sales_amount", "regions/east"), "CNY 5000");
  EXPECT_EQ(Total("contracts_signed", "customers/acme"), "1");
}

TEST_F(Facts, OrdersRevisedAndCancelled) {
  OrdersEvent entered;
  auto* terms = entered.mutable_order_entered()->mutable_terms();
  entered.mutable_order_entered()->set_owner(kLi);
  terms->set_customer("customers/acme");
  terms->set_first_order(true);
  *terms->mutable_total() = Cny(500);
  auto* line = terms->add_lines();
  line->set_new_product(true);
  line->set_quantity(2);
  *line->mutable_unit_price() = Cny(150);
  OrdersEvent revised;
  *revised.mutable_order_revised()->mutable_terms() = *terms;
  *revised.mutable_order_revised()->mutable_terms()->mutable_total() = Cny(700);
  OrdersEvent cancelled;
  cancelled.mutable_order_cancelled();
  Apply({Event(kOrdersTopic, "orders/1", entered, At("2026-03-05T10:00")),
         Event(kOrdersTopic, "orders/1", revised, At("2026-03-06T10:00")),
         Event(kOrdersTopic, "orders/2", entered, At("2026-03-06T10:00"))});
  EXPECT_EQ(Total("orders_amount", kLi), "CNY 1200");
  EXPECT_EQ(Total("orders_entered", kLi), "2");
  EXPECT_EQ(Total("first_orders", "customers/acme"), "2");
  EXPECT_EQ(Total("new_product_amount", kLi), "CNY 600");
  Apply({Event(kOrdersTopic, "orders/2", cancelled, At("2026-04-06T10:00"))});
  EXPECT_EQ(Total("orders_amount", kLi), "CNY 700");
  EXPECT_EQ(Total("orders_amount", kLi, "2026-04-01", "2026-04-30"), "CNY -500");
}

TEST_F(Facts, AnInstalmentThatWasPaidInTimeWasNeverOverdue) {
  OrdersEvent passed;
  passed.mutable_instalment_due_date_passed()->set_owner(kLi);
  *passed.mutable_instalment_due_date_passed()->mutable_open() = Cny(1000);
  const auto paid = [](const std::string& day) {
    OrdersEvent message;
    *message.mutable_instalment_paid()->mutable_settled_on() = Day(day);
    return message;
  };
  const Time due = At("2026-03-31T00:00"), later = At("2026-04-20T10:00");
  for (const char* one : {"contracts/c1/instalments/1", "contracts/c2/instalments/1"}) {
    Apply({Event(kOrdersTopic, one, passed, due)});
  }
  EXPECT_EQ(Total("overdue_amount", kLi), "CNY 2000");
  // Told late: the one was settled on its due date, the other the day after.
  Apply({Event(kOrdersTopic, "contracts/c1/instalments/1", paid("2026-03-31"), later),
         Event(kOrdersTopic, "contracts/c2/instalments/1", paid("2026-04-01"), later)});
  EXPECT_EQ(Total("overdue_amount", kLi, "2026-03-31", "2026-03-31"), "CNY 1000");
  EXPECT_EQ(Total("instalments_overdue", kLi), "1");
}

TEST_F(Facts, MoneyDueCollectedAndOnTime) {
  OrdersEvent scheduled;
  auto* s = scheduled.mutable_instalment_scheduled();
  *s->mutable_amount() = Cny(1000);
  *s->mutable_due_date() = Day("2026-03-31");
  s->set_owner(kLi);
  const Time at = At("2026-03-01T10:00");
  Apply({Event(kOrdersTopic, "contracts/c1/instalments/1", scheduled, at)});
  *s->mutable_from_due_date() = Day("2026-03-31");
  *s->mutable_due_date() = Day("2026-04-30");
  Apply({Event(kOrdersTopic, "contracts/c1/instalments/1", scheduled, at)});
  EXPECT_EQ(Total("instalment_due_amount", kLi, "2026-03-01", "2026-03-31"), "CNY 0");
  EXPECT_EQ(Total("instalment_due_amount", kLi, "2026-04-30", "2026-04-30"), "CNY 1000");

  const auto paid = [&](const std::string& day, int64_t minor, int64_t cash) {
    OrdersEvent message;
    auto* m = message.mutable_payment_recorded();
    m->set_kind("RECEIPT");
    *m->mutable_amount() = Cny(minor);
    *m->mutable_occurred_on() = Day(day);
    m->set_cash_minor_units(cash);
    m->set_owner(kLi);
    auto* posting = m->add_postings();
    posting->set_instalment(1);
    posting->set_account("PAID");
    posting->set_minor_units(minor);
    *posting->mutable_due_date() = Day("2026-04-30");
    return Event(kOrdersTopic, "contracts/c1/receivable", message, At(day + "T10:00"));
  };
  Apply({paid("2026-04-10", 600, 600), paid("2026-05-02", 400, 1000)});
  EXPECT_EQ(Total("collected_amount", kLi), "CNY 1000");
  EXPECT_EQ(Total("collected_amount", kLi, "2026-05-01", "2026-05-31"), "CNY 400");
  EXPECT_EQ(Total("collected_on_time_amount", kLi), "CNY 600");
  EXPECT_EQ(Total("collected_on_time_amount", kLi, "2026-04-30", "2026-04-30"), "CNY 600");
}

TEST_F(Facts, WhatWasInTimeFollowsTheLedger) {
  const auto change = [](orders::events::v1::OnTimeChanges* to, int number, const std::string& due,
                         int64_t minor) {
    auto& one = *to->add_changes();
    one.set_instalment(number);
    *one.mutable_due_date() = Day(due);
    one.set_minor_units(minor);
  };
  const auto paid = [&](const std::string& day, int64_t cash) {
    OrdersEvent message;
    auto* m = message.mutable_payment_recorded();
    m->set_kind("RECEIPT");
    *m->mutable_amount() = Cny(400);
    *m->mutable_occurred_on() = Day(day);
    m->set_cash_minor_units(cash);
    m->set_owner(kLi);
    m->mutable_on_time();
    return message;
  };
  const std::string ledger = "contracts/c1/receivable";
  // 400 a day late for the first instalment; then 400 of before, which frees it for the second.
  const OrdersEvent late = paid("2026-02-01", 400);
  OrdersEvent back_dated = paid("2026-01-20", 800);
  auto* in_time = back_dated.mutable_payment_recorded()->mutable_on_time();
  change(in_time, 1, "2026-01-31", 400);
  change(in_time, 2, "2026-03-31", 400);
  Apply({Event(kOrdersTopic, ledger, late, At("2026-02-01T10:00"))});
  EXPECT_EQ(Total("collected_on_time_amount", kLi), "");
  Apply({Event(kOrdersTopic, ledger, back_dated, At("2026-04-01T10:00"))});
  EXPECT_EQ(Total("collected_on_time_amount", kLi, "2026-01-31", "2026-01-31"), "CNY 400");
  EXPECT_EQ(Total("collected_on_time_amount", kLi), "CNY 800");
  // An event that a due date waited for makes another order of the instalments.
  OrdersEvent moved;
  auto* m = moved.mutable_receivable_reallocated();
  m->set_owner(kLi);
  m->set_currency_code("CNY");
  change(m->mutable_on_time(), 2, "2026-03-31", -400);
  change(m->mutable_on_time(), 3, "2026-02-15", 300);
  Apply({Event(kOrdersTopic, ledger, moved, At("2026-04-02T10:00"))});
  EXPECT_EQ(Total("collected_on_time_amount", kLi, "2026-03-31", "2026-03-31"), "CNY 0");
  EXPECT_EQ(Total("collected_on_time_amount", kLi), "CNY 700");
  EXPECT_EQ(Total("collected_amount", kLi), "CNY 800");
}

TEST_F(Facts, TicketsMoveToTheirOwnerAndKind) {
  ComplaintsEvent assigned;
  assigned.mutable_ticket_assigned()->set_owner(kWang);
  ComplaintsEvent resolved;
  resolved.mutable_ticket_resolved();
  ComplaintsEvent reopened;
  reopened.mutable_ticket_reopened();
  Apply({Registered("t1", At("2026-03-05T10:00")), Registered("t2", At("2026-03-05T10:00"))});
  EXPECT_EQ(Total("tickets_registered", kLi, "2026-01-01", "2026-12-31", "complaint"), "2");
  EXPECT_EQ(Total("tickets_registered", kLi, "2026-01-01", "2026-12-31", "complaint/quality"), "2");
  EXPECT_EQ(Total("tickets_registered", kLi, "2026-01-01", "2026-12-31", "comp"), "");
  Apply({Event(kComplaintsTopic, "complaints/t1", assigned, At("2026-04-01T10:00")),
         Event(kComplaintsTopic, "complaints/t1", resolved, At("2026-04-02T10:00"))});
  EXPECT_EQ(Total("tickets_registered", kLi), "1");
  EXPECT_EQ(Total("tickets_registered", kWang, "2026-03-05", "2026-03-05"), "1");
  EXPECT_EQ(Total("tickets_resolved", kWang), "1");
  Apply({Event(kComplaintsTopic, "complaints/t1", reopened, At("2026-05-02T10:00"))});
  EXPECT_EQ(Total("tickets_resolved", kWang), "0");
  EXPECT_EQ(Total("tickets_resolved", kWang, "2026-04-01", "2026-04-30"), "1");
  ComplaintsEvent cancelled;
  cancelled.mutable_ticket_cancelled();
  Apply({Event(kComplaintsTopic, "complaints/t2", cancelled, At("2026-05-02T10:00"))});
  EXPECT_EQ(Total("tickets_registered", kLi), "0");
}

TEST_F(Facts, ClocksMetMissedAndHowLongTheyTook) {
  const Time start = At("2026-03-05T10:00");
  SlaEvent paused;
  *paused.mutable_clock_paused()->mutable_pause_time() = rpc::ToProto(start + Hours(1));
  SlaEvent resumed;
  *resumed.mutable_clock_resumed()->mutable_resume_time() = rpc::ToProto(start + Hours(3));
  Apply({Clock("k1", Started(start), start), Clock("k1", paused, start + Hours(1)),
         Clock("k1", resumed, start + Hours(3)),
         Clock("k1", Stopped(start + Hours(4), true), start + Hours(4)),
         Clock("k2", Started(start), start), Clock("k2", Breached(), start + Hours(48)),
         Clock("k2", Stopped(start + Hours(50), false), start + Hours(50))});
  EXPECT_EQ(Total("clock_met", kLi, "2026-01-01", "2026-12-31", "svc-001"), "1");
  EXPECT_EQ(Total("clock_missed", kEast), "1") << "a breach and its late stop are one miss";
  EXPECT_EQ(Total("clock_missed", kLi, "2026-03-07", "2026-03-07"), "1");
  EXPECT_EQ(Total("clock_elapsed", kLi), std::to_string(Hours(52).micros));
}

TEST_F(Facts, ARetractedBreachNeverWas) {
  const Time start = At("2026-03-05T10:00");
  SlaEvent retracted;
  retracted.mutable_clock_breach_retracted()->set_threshold("breach");
  Apply({Clock("k1", Started(start), start), Clock("k1", Breached(), start + Hours(48))});
  Apply({Clock("k1", retracted, At("2026-04-05T10:00")),
         Clock("k1", Stopped(start + Hours(4), true), start + Hours(4))});
  EXPECT_EQ(Total("clock_missed", kLi, "2026-03-01", "2026-03-31"), "0");
  EXPECT_EQ(Total("clock_missed", kLi, "2026-04-01", "2026-04-30"), "");
  EXPECT_EQ(Total("clock_met", kLi), "1");
}

TEST_F(Facts, ACancelledClockCountsForNothing) {
  const Time start = At("2026-03-05T10:00");
  SlaEvent cancelled;
  cancelled.mutable_clock_cancelled();
  Apply({Clock("k1", Started(start), start), Clock("k1", Breached(), start + Hours(48)),
         Clock("k1", cancelled, At("2026-04-05T10:00"))});
  EXPECT_EQ(Total("clock_missed", kLi), "0");
}

TEST_F(Facts, AnAmountThatIsNoneIsRefusedAndCountsNothing) {
  auto event = Won("o1", At("2026-03-05T10:00"), 1200);
  LeadsEvent message;
  message.mutable_opportunity_won()->mutable_amount()->set_currency_code("XXXX");
  event.message = std::make_shared<LeadsEvent>(message);
  const absl::Status status = Try({event});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_THAT(Rows("test_measures", "SELECT measure FROM fact"), IsEmpty());
}

TEST_F(Facts, WhatNothingIsCountedOfLeavesNoFact) {
  LeadsEvent message;
  message.mutable_customer_registered()->set_region("east");
  Apply({Event(kLeadsTopic, "customers/acme", message, At("2026-03-05T10:00"))});
  EXPECT_THAT(Rows("test_measures", "SELECT measure FROM fact"), IsEmpty());
}

}  // namespace
}  // namespace steward::scoring
