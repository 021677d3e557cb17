#include "services/complaints/api/complaints_api.h"

namespace steward::complaints {
namespace {

template <class Request, class Response>
void Add(rpc::Server& server, ComplaintsApi& api, const char* method,
         absl::Status (ComplaintsApi::*handler)(const rpc::Call&, const Request&, Response*)) {
  server.Add<Request, Response>(
      std::string("/steward.complaints.v1.ComplaintsService/") + method,
      [&api, handler](rpc::Call& call, const Request& request, Response* response) {
        return (api.*handler)(call, request, response);
      });
}

}  // namespace

void ComplaintsApi::AddTo(rpc::Server& server) {
  Add(server, *this, "RegisterTicket", &ComplaintsApi::RegisterTicket);
  Add(server, *this, "GetTicket", &ComplaintsApi::GetTicket);
  Add(server, *this, "BatchGetTickets", &ComplaintsApi::BatchGetTickets);
  Add(server, *this, "ListTickets", &ComplaintsApi::ListTickets);
  Add(server, *this, "AssignTicket", &ComplaintsApi::AssignTicket);
  Add(server, *this, "TransferTicket", &ComplaintsApi::TransferTicket);
  Add(server, *this, "RecordFirstResponse", &ComplaintsApi::RecordFirstResponse);
  Add(server, *this, "ProposeSolution", &ComplaintsApi::ProposeSolution);
  Add(server, *this, "ResolveTicket", &ComplaintsApi::ResolveTicket);
  Add(server, *this, "VerifyTicket", &ComplaintsApi::VerifyTicket);
  Add(server, *this, "CloseTicket", &ComplaintsApi::CloseTicket);
  Add(server, *this, "ReopenTicket", &ComplaintsApi::ReopenTicket);
  Add(server, *this, "HoldTicket", &ComplaintsApi::HoldTicket);
  Add(server, *this, "ResumeTicket", &ComplaintsApi::ResumeTicket);
  Add(server, *this, "CancelTicket", &ComplaintsApi::CancelTicket);
  Add(server, *this, "ChangeTicketSeverity", &ComplaintsApi::ChangeTicketSeverity);
  Add(server, *this, "ChangeTicketKind", &ComplaintsApi::ChangeTicketKind);
  Add(server, *this, "RecordMilestone", &ComplaintsApi::RecordMilestone);
  Add(server, *this, "CreateTicketNote", &ComplaintsApi::CreateTicketNote);
  Add(server, *this, "ListTicketNotes", &ComplaintsApi::ListTicketNotes);
  Add(server, *this, "ListTicketHistory", &ComplaintsApi::ListTicketHistory);
  Add(server, *this, "ListTicketKinds", &ComplaintsApi::ListTicketKinds);
}

}  // namespace steward::complaints
