#include "weir/base/list_node.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::detail {
namespace {

using testing::ElementsAre;

struct Member : ListNode {
  explicit Member(int member_id) : id(member_id) {}
  int id;
};

std::vector<int> ids(const ListNode& list) {
  std::vector<int> found;
  for (ListNode* node = list.next(); node != &list; node = node->next()) {
    found.push_back(static_cast<Member*>(node)->id);
  }
  return found;
}

TEST(ListNode, LinksAtTheEndAndInTheMiddle) {
  ListNode list;
  Member first(1), second(2), third(3);

  first.link_before(list);
  third.link_before(list);
  second.link_before(third);

  EXPECT_THAT(ids(list), ElementsAre(1, 2, 3));
}

TEST(ListNode, UnlinksFromAnywhereAndTwice) {
  ListNode list;
  Member first(1), second(2), third(3);
  for (Member* member : {&first, &second, &third}) member->link_before(list);

  second.unlink();
  second.unlink();
  EXPECT_THAT(ids(list), ElementsAre(1, 3));
  first.unlink();
  third.unlink();

  EXPECT_FALSE(list.linked());
}

TEST(ListNode, LeavesItsListWhenDestroyed) {
  ListNode list;
  Member first(1);
  first.link_before(list);

  {
    Member second(2);
    second.link_before(list);
    EXPECT_THAT(ids(list), ElementsAre(1, 2));
  }

  EXPECT_THAT(ids(list), ElementsAre(1));
}

}  // namespace
}  // namespace weir::detail
