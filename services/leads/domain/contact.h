#pragma once
// What is written about a customer and never leaves the service. It is apart from CustomerData, of which events are made, so that
// leaking it is a compile error.

#include <string>
#include <vector>

namespace steward::leads {

// A person at a customer; one with a decision role is part of the decision chain.
struct Contact {
  std::string name, title, decision_role;
  std::string phone, phone_e164;  // as given, and its form; both or none
  std::string email;
  friend bool operator==(const Contact&, const Contact&) = default;
};

struct CustomerText {
  std::string display_name, display_name_zh, company_name;
  std::string credit_code;  // in its form
  std::string website, needs, preferences;
  std::vector<Contact> contacts;
  friend bool operator==(const CustomerText&, const CustomerText&) = default;
};

// Names of the fields in which two differ, in the order of the resource.
std::vector<std::string> ChangedFields(const CustomerText& before, const CustomerText& after);

}  // namespace steward::leads
