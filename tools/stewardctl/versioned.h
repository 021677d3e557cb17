#pragma once
// Versioned resources as files: comparing what is stored with what a file says.

#include "google/protobuf/message.h"

namespace stewardctl {

// The same for a client: fields that only the server sets do not count, nor does `effective_from`
// when the file leaves it out.
bool SameContent(const google::protobuf::Message& file, const google::protobuf::Message& stored);

}  // namespace stewardctl
