#include "tools/stewardctl/call.h"

#include <algorithm>

#include "libs/base/status.h"
#include "tools/stewardctl/fill.h"
#include "tools/stewardctl/services.h"

namespace stewardctl {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int64_t kDefaultLimit = 100;
constexpr int64_t kMaxPage = 200;

std::string GetText(const Message& message, const char* field) {
  return message.GetReflection()->GetString(message,
                                            message.GetDescriptor()->FindFieldByName(field));
}

void SetText(const char* field, const std::string& value, Message* message) {
  message->GetReflection()->SetString(message, message->GetDescriptor()->FindFieldByName(field),
                                      value);
}

}  // namespace

bool IsListMethod(const std::string& method) {
  const auto* descriptor = FindMethod(method).descriptor;
  return descriptor->input_type()->FindFieldByName("page_token") != nullptr &&
         ListField(*descriptor->output_type()) != nullptr;
}

absl::Status CallPages(Session& session, const std::string& method, Message& request, int64_t limit,
                       Message* response) {
  const FieldDescriptor* list = ListField(*response->GetDescriptor());
  const FieldDescriptor* page_size = request.GetDescriptor()->FindFieldByName("page_size");
  const auto rows = [&] {
    return static_cast<int64_t>(response->GetReflection()->FieldSize(*response, list));
  };
  std::string token;
  do {
    request.GetReflection()->SetInt32(&request, page_size,
                                      static_cast<int32_t>(std::min(limit - rows(), kMaxPage)));
    SetText("page_token", token, &request);
    const auto page = FindMethod(method).NewResponse();
    RETURN_IF_ERROR(session.Call(method, request, page.get()));
    token = GetText(*page, "next_page_token");
    SetText("next_page_token", "", response);
    response->MergeFrom(*page);
  } while (!token.empty() && rows() < limit);
  return absl::OkStatus();
}

absl::Status CallAndPrint(Session& session, const std::string& method,
                          const std::vector<Arg>& declared, const Args& given) {
  const auto request = FindMethod(method).NewRequest();
  const auto response = FindMethod(method).NewResponse();
  RETURN_IF_ERROR(FillRequest(declared, given, session.now(), request.get()));
  if (!IsListMethod(method)) {
    RETURN_IF_ERROR(session.Call(method, *request, response.get()));
    session.Print(*response);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const int64_t limit, given.Number("limit", kDefaultLimit, 1, 1'000'000));
  RETURN_IF_ERROR(CallPages(session, method, *request, limit, response.get()));
  if (!GetText(*response, "next_page_token").empty()) {
    session.Say("there is more: the first " + std::to_string(limit) +
                " rows are shown, see --limit");
    SetText("next_page_token", "", response.get());
  }
  session.Print(*response);
  return absl::OkStatus();
}

}  // namespace stewardctl
